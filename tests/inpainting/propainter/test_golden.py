"""Clip A from end to end: the published networks with weights made from names, and the published procedure."""

import numpy as np

from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion
from liveswapping.inference.networks.propainter.generator import InpaintGenerator
from liveswapping.inference.networks.propainter.raft import Raft
from liveswapping.inpainting.propainter.engine import Networks, ProPainterInpainter
from liveswapping.inpainting.propainter.settings import ProPainterSettings
from liveswapping.inpainting.record import Record
from liveswapping.inpainting.shots import Shot, fill_film
from tests.propainter_golden import filled, golden


def test_clip_a_comes_out_as_published():
    arrays = {name: array.numpy() for name, array in golden().items()}
    networks = Networks(filled(Raft, "raft"), filled(FlowCompletion, "flow"), filled(InpaintGenerator, "gen"))
    engine = ProPainterInpainter(networks, ProPainterSettings(), "cpu", Record())
    pairs = zip(arrays["frames"], arrays["masks"] > 0, strict=True)
    shots = [Shot(np.ascontiguousarray(frame[..., ::-1]), hole) for frame, hole in pairs]
    answer = np.stack([image[..., ::-1] for image in fill_film(iter(shots), engine, 0, cuts=True)])
    engine.close()
    holes = arrays["masks"] > 0
    difference = np.abs(answer[holes].astype(int) - arrays["clip_hole"])
    assert difference.max() <= 1
    assert (difference == 0).mean() > 0.999
    assert np.array_equal(answer[~holes], arrays["frames"][~holes])
