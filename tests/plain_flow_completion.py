"""Flow completion as it was published, whole clips at once: what the product's streamed form is compared with.

It takes the weights of `FlowCompletion`; of its arithmetic only the deformable alignment, which has its own referee.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from liveswapping.inference.networks.propainter.flow_completion import FlowCompletion, SecondOrderPropagation


def plain_completion(network: FlowCompletion, flows: Tensor, masks: Tensor) -> Tensor:
    """(n, T, 2, H, W) zero in the holes and (n, T, 1, H, W) -> (n, T, 2, H, W)."""
    x = torch.cat((flows, masks), dim=2).transpose(1, 2)
    x = F.leaky_relu(space(network.downsample[0], F.pad(x, (2, 2, 2, 2, 0, 0), mode="replicate"), 2, 0), 0.2)
    quarters = stage(network.encoder1, x)
    x = stage(network.encoder2, quarters)
    for index, wide in ((0, 3), (2, 2), (4, 1)):
        x = F.leaky_relu(space(network.mid_dilation[index], x, 1, wide, wide), 0.2)
    x = carried(network.feat_prop_module, x.transpose(1, 2))
    x = network.decoder2(x.flatten(0, 1)) + quarters.transpose(1, 2).flatten(0, 1)
    return network.upsample(network.decoder1(x)).view(flows.shape)


def plain_both(network: FlowCompletion, flows: tuple[Tensor, Tensor], masks: Tensor) -> tuple[Tensor, Tensor]:
    starts, ends = masks[:, :-1], masks[:, 1:]
    ahead = plain_completion(network, flows[0] * (1 - starts), starts)
    back = plain_completion(network, (flows[1] * (1 - ends)).flip(1), ends.flip(1)).flip(1)
    return flows[0] * (1 - starts) + ahead * starts, flows[1] * (1 - ends) + back * ends


def space(layer: torch.nn.Module, x: Tensor, stride: int, padding: int, dilation: int = 1) -> Tensor:
    steps, borders, apart = (1, stride, stride), (0, padding, padding), (1, dilation, dilation)
    return F.conv3d(x, layer.weight, layer.bias, steps, borders, apart)


def stage(layers: torch.nn.Sequential, x: Tensor) -> Tensor:
    for index, stride in ((0, 1), (2, 2)):
        x = F.leaky_relu(space(layers[index].conv1[0], x, stride, 1), 0.2)
        in_time = layers[index].conv2[0]
        x = F.conv3d(x, in_time.weight, in_time.bias, padding=(2, 0, 0), dilation=(2, 1, 1))
        x = F.leaky_relu(x, 0.2)
    return x


def carried(module: SecondOrderPropagation, x: Tensor) -> Tensor:
    """(n, T, 128, h, w) -> the same."""
    count = x.shape[1]
    found: dict[str, dict[int, Tensor]] = {}
    for name, order in (("backward_", range(count - 1, -1, -1)), ("forward_", range(count))):
        prop, results = torch.zeros_like(x[:, 0]), []
        for step, time in enumerate(order):
            if step > 0:
                second = results[-2] if step > 1 else torch.zeros_like(prop)
                condition = torch.cat((prop, x[:, time], second), dim=1)
                prop = module.deform_align[name](torch.cat((prop, second), dim=1), condition)
            beside = [found["backward_"][time]] if name == "forward_" else []
            prop = prop + module.backbone[name](torch.cat((x[:, time], *beside, prop), dim=1))
            results.append(prop)
        found[name] = dict(zip(order, results, strict=True))
    both = [torch.cat((found["backward_"][t], found["forward_"][t]), dim=1) for t in range(count)]
    return torch.stack([module.fusion(one) for one in both], dim=1) + x
