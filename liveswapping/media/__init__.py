"""Where frames come from, and where they go.

OpenCV is imported before PyAV, always: both carry X libraries of the same names on Linux, the first that is loaded
serves both, and with PyAV's the window of OpenCV never opens (it waits for ever on a connection of another libxcb).
"""

import cv2 as cv2
