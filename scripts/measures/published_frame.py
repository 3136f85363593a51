"""The steps that the published product takes for a frame, written from its description, to be timed beside ours."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from liveswapping.domain.frame import F32, Image

_THRESHOLD = 20
"""Of the pasted mask's level: what is above becomes whole."""


@torch.inference_mode()
def published_frame(network: nn.Module, frame: Image, matrix: F32, size: int, latent: Tensor) -> Image:
    """`frame` with one face swapped; `matrix` maps it to the crop. The network runs in float32, one call at a time."""
    crop = cv2.warpAffine(frame, matrix, (size, size), borderValue=0.0)
    blob = cv2.dnn.blobFromImage(crop, 1.0 / 255.0, (size, size), (0.0, 0.0, 0.0), swapRB=True)
    answer = network(torch.from_numpy(blob).to(latent.device), latent)
    levels = answer[0].permute(1, 2, 0).cpu().numpy() * 255.0
    return pasted(frame, np.clip(levels, 0, 255).astype(np.uint8)[:, :, ::-1], matrix)


def pasted(frame: Image, face: Image, matrix: F32) -> Image:
    """`face` laid over the whole frame: both are warped to its size, and the mask is eroded and blurred there."""
    height, width = frame.shape[:2]
    back = cv2.invertAffineTransform(matrix)
    laid = cv2.warpAffine(np.ascontiguousarray(face), back, (width, height), borderValue=0.0)
    mask = cv2.warpAffine(np.full(face.shape[:2], 255, np.float32), back, (width, height), borderValue=0.0)
    mask[mask > _THRESHOLD] = 255
    rows, columns = np.where(mask == 255)
    side = int(np.sqrt((rows.max() - rows.min()) * (columns.max() - columns.min())))
    erosion, blur = max(side // 10, 10), max(side // 20, 5)
    mask = cv2.erode(mask, np.ones((erosion, erosion), np.uint8), iterations=1)
    mask = cv2.GaussianBlur(mask, (2 * blur + 1, 2 * blur + 1), 0)
    share = (mask / 255)[:, :, None]
    blended: Image = (share * laid + (1 - share) * frame.astype(np.float32)).astype(np.uint8)
    return blended
