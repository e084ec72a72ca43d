"""Draw a chart: vega.py svg|png|pdf|bundle|check [--scale X] < SPECIFICATION > PICTURE

The specification is one of Vega-Lite, in JSON. `bundle` takes none; it writes Vega, Vega-Lite and vega-embed as
one JavaScript module for a page. `check` only looks whether that can be done. The package vl-convert-python
does both, without a browser and without a network: half a second for a chart, one and a half for the bundle.
The program deep-sarsa has this script in itself, and runs it in the Python of its --python.
"""

import argparse
import sys


def main():
    parser = argparse.ArgumentParser(
        prog="vega.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("format", choices=["svg", "png", "pdf", "bundle", "check"])
    parser.add_argument("--scale", type=float, default=1, help="pixels for a unit of the specification")
    options = parser.parse_args()
    try:
        import vl_convert
    except ImportError:
        sys.exit(f"{sys.executable} has no vl-convert-python; 'make pictures' installs it where it is found, "
                 "and 'pip install vl-convert-python' anywhere else")
    if options.format == "check":
        return
    if options.format == "bundle":
        picture = vl_convert.javascript_bundle()
    else:
        specification = sys.stdin.buffer.read().decode()
        # A specification has its data in it: no address is read.
        if options.format == "svg":
            picture = vl_convert.vegalite_to_svg(specification, allowed_base_urls=[])
        elif options.format == "png":
            picture = vl_convert.vegalite_to_png(specification, scale=options.scale, allowed_base_urls=[])
        else:
            picture = vl_convert.vegalite_to_pdf(specification, scale=options.scale, allowed_base_urls=[])
    sys.stdout.buffer.write(picture if isinstance(picture, bytes) else picture.encode())


if __name__ == "__main__":
    main()
