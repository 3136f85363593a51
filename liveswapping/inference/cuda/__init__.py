"""The networks at full speed on NVIDIA cards. Importing this package loads no runtime.

`reswapper.fast_reswapper`, `gfpgan.fast_gfpgan` and `realesrgan.fast_realesrgan` turn a network into graphs from bytes
to bytes, in the fastest way that has proved right on the card. For the first two, `…_layers.py` is the order of things,
`…_steps.py` what there is to do between matrix products and convolutions, `…_triton.py` and the kernels beside it do
that in half precision.
"""
