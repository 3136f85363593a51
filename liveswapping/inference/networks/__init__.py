"""Networks in plain torch, with the parameter names and shapes of the published weight files.

They stand below the engines, in `inference`, because three things above need them: the swapper, the restorers and the
export to ONNX; and because nothing above this layer shall know torch.
"""
