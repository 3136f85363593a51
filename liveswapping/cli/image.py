"""`image`: one picture in, one picture out."""

from __future__ import annotations

import json
import time
from pathlib import Path

from liveswapping.build import load_cast, picture, seal_of, swap_picture
from liveswapping.cli.console import Console
from liveswapping.cli.inputs import default_output, output_of, settings_of
from liveswapping.cli.parser import Request
from liveswapping.domain.errors import NoFaceFound, SettingsError


def run(request: Request, console: Console) -> int:
    """Swap the chosen faces of the target picture and write the result."""
    settings = settings_of(request)
    from liveswapping.media.images import WRITABLE, check_writable, write_image

    output = output_of(settings, default_output(request, "output.jpg", WRITABLE, console.inform))

    check_writable(output)
    target = str(settings.target)
    if Path(target).is_dir():
        raise SettingsError(f"{target} is a folder; give one picture, or use `batch` for all of them")
    began = time.perf_counter()
    image = picture(target)
    cast = load_cast(settings, console.inform)
    try:
        swapped = swap_picture(image, cast, settings, console.inform)
    except NoFaceFound as error:
        raise NoFaceFound(f"{target}: {error}") from None
    write_image(output, swapped.image, seal=seal_of(settings, target, console.inform))
    seconds = time.perf_counter() - began
    if request.options.get("json"):
        result = {
            "output": str(output),
            "faces": swapped.found,
            "swapped": swapped.swapped,
            "seconds": round(seconds, 3),
        }
        console.print(json.dumps(result))
    else:
        console.print(f"{output}: swapped {swapped.swapped} of {swapped.found} face(s) in {seconds:.2f} s")
    return 0
