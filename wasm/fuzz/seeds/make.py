"""Writes the seeds of the fuzz targets: pictures of a few hundred bytes, one for each branch of a parser, and inputs that are no pictures.

Needs Pillow 12 (`pip install pillow`). The files are committed: other versions of the codecs write other bytes.
"""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageCms

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"


def drawing(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Something in every pixel, and no two corners alike."""
    image = Image.new("RGBA", (width, height))
    image.putdata(
        [(x * 23 % 256, y * 31 % 256, x * y * 7 % 256, 255 if (x + y) % 5 else 90) for y in range(height) for x in range(width)]
    )
    return image if mode == "RGBA" else image.convert("RGB").convert(mode)


def encoded(image: Image.Image, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, **options)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """A segment right after the start of the image."""
    return jpeg[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + jpeg[2:]


def profile() -> bytes:
    """sRGB, without the time at which it was made."""
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return icc[:24] + bytes(12) + icc[36:]


def many_scans(progressive: bytes) -> bytes:
    last = progressive[progressive.rindex(b"\xff\xda") : -2]
    return progressive[:-2] + last * 12 + progressive[-2:]


def jpegs() -> dict[str, bytes]:
    def jpeg(mode="RGB", size=(19, 13), **options):
        return encoded(drawing(*size, mode), format="JPEG", quality=60, **options)

    icc = profile()
    plain = jpeg(subsampling=0)
    half = len(icc) // 2
    chunks = with_segment(plain, 0xE2, b"ICC_PROFILE\0\x02\x02" + icc[half:])
    chunks = with_segment(chunks, 0xE2, b"ICC_PROFILE\0\x01\x02" + icc[:half])
    # A height of zero that a DNL marker states after the scan.
    frame = plain.index(b"\xff\xc0")
    unstated = plain[: frame + 5] + b"\0\0" + plain[frame + 7 : -2] + b"\xff\xdc\0\x04\0\x0d" + plain[-2:]
    return {
        "444.jpg": plain,
        "422.jpg": jpeg(subsampling=1),
        "420.jpg": jpeg(subsampling=2, size=(33, 17)),
        "gray.jpg": jpeg("L"),
        "cmyk.jpg": jpeg("CMYK"),
        "progressive.jpg": jpeg(progressive=True, subsampling=2),
        "progressive-gray.jpg": jpeg("L", progressive=True),
        "restart.jpg": jpeg(restart_marker_blocks=1, size=(40, 24)),
        "restart-progressive.jpg": jpeg(restart_marker_blocks=2, progressive=True, size=(40, 24)),
        "optimised.jpg": jpeg(optimize=True),
        "one-pixel.jpg": jpeg(size=(1, 1)),
        "exif-6.jpg": jpeg(exif=exif(6)),
        "icc-chunks.jpg": chunks,
        "comment.jpg": jpeg(comment=b"nobody should read this"),
        "xmp.jpg": with_segment(plain, 0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
        "iptc.jpg": with_segment(plain, 0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0"),
        "dnl.jpg": unstated,
        "no-end.jpg": plain[:-2],
        # As phones write them: MPF, and a second picture after the end.
        "two-pictures.jpg": with_segment(plain, 0xE2, b"MPF\0II*\0\x08\0\0\0\0\0") + plain,
        "fill-bytes.jpg": plain.replace(b"\xff\xc4", b"\xff\xff\xff\xc4"),
        # The last scan over and over, as a file may that wants to keep a decoder busy.
        "many-scans.jpg": many_scans(jpeg(progressive=True, size=(64, 48))),
        "arithmetic.jpg": plain.replace(b"\xff\xc0", b"\xff\xc9"),
        "lossless.jpg": plain.replace(b"\xff\xc0", b"\xff\xc3"),
        "twelve-bits.jpg": plain.replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c"),
        "huge.jpg": plain[: frame + 5] + b"\xff\xff\xff\xff" + plain[frame + 9 :],
    }


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def interlaced(width: int, height: int) -> bytes:
    """Adam7, gray of 8 bits; Pillow does not write it."""
    rows = b""
    for left, top, across, down in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        for y in range(top, height, down):
            row = bytes(x * y % 256 for x in range(left, width, across))
            rows += b"\0" + row if row else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pngs() -> dict[str, bytes]:
    def png(image, **options):
        return encoded(image, format="PNG", **options)

    rgb, rgba = drawing(19, 13), drawing(19, 13, "RGBA")
    frames = [drawing(12, 9 + i).crop((0, 0, 12, 9)) for i in range(3)]
    plain = png(rgb)
    end = len(plain) - 12
    header = 8 + 25
    return {
        "rgb.png": plain,
        "rgba.png": png(rgba),
        "gray.png": png(drawing(19, 13, "L")),
        "gray-alpha.png": png(rgba.convert("LA")),
        "gray16.png": png(Image.new("I;16", (5, 4), 40_000)),
        "one-bit.png": png(drawing(19, 13, "1")),
        "palette-2.png": png(rgb.quantize(4), bits=2),
        "palette-4.png": png(rgb.quantize(16), bits=4),
        "palette-8-alpha.png": png(rgba.quantize(30), transparency=3),
        "key-alpha.png": png(rgb, transparency=(0, 0, 0)),
        "interlaced.png": interlaced(11, 10),
        "animated.png": png(frames[0], save_all=True, append_images=frames[1:], duration=40),
        "text.png": plain[:end] + chunk(b"tEXt", b"Comment\0x") + chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>") + plain[end:],
        "exif-8.png": png(rgb, exif=exif(8)),
        "icc.png": png(rgb, icc_profile=profile()),
        "gamma.png": plain[:header] + chunk(b"gAMA", struct.pack(">I", 100_000)) + chunk(b"cICP", b"\x0c\x0d\0\x01") + plain[header:],
        "tail.png": plain + b"what is this",
        "bomb.png": plain[:16] + b"\0\0\xff\xff\0\0\xff\xff" + plain[24:29] + struct.pack(">I", zlib.crc32(plain[12:16] + b"\0\0\xff\xff\0\0\xff\xff" + plain[24:29])) + plain[33:],
    }


def others() -> dict[str, bytes]:
    rgb, rgba = drawing(14, 11), drawing(14, 11, "RGBA")
    frames = [drawing(14, 11 + i).crop((0, i, 14, 11 + i)).quantize(8) for i in range(3)]
    still = encoded(rgb.quantize(16), format="GIF")

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content) + 8) + kind + content

    def heif(brand: bytes) -> bytes:
        size = box(b"ispe", struct.pack(">III", 0, 64, 48))
        turn = box(b"irot", b"\x01")
        item = box(b"iprp", box(b"ipco", size + turn) + box(b"ipma", struct.pack(">IIHBBB", 0, 1, 1, 2, 1, 2)))
        meta = box(b"meta", b"\0\0\0\0" + box(b"hdlr", b"\0" * 8 + b"pict" + b"\0" * 13) + box(b"pitm", b"\0\0\0\0\0\x01") + item)
        return box(b"ftyp", brand + b"\0\0\0\0mif1" + brand) + meta

    return {
        "still.gif": still,
        "interlaced.gif": encoded(rgb.quantize(16), format="GIF", interlace=1),
        "transparent.gif": encoded(rgb.quantize(16), format="GIF", transparency=2),
        "animated.gif": encoded(frames[0], format="GIF", save_all=True, append_images=frames[1:], duration=30, loop=0, disposal=2),
        "comment.gif": encoded(rgb.quantize(4), format="GIF", comment=b"a remark"),
        "cut.gif": still[: len(still) // 2],
        "lossy.webp": encoded(rgb, format="WEBP", quality=50),
        "lossy-alpha.webp": encoded(rgba, format="WEBP", quality=50),
        "lossless.webp": encoded(rgba, format="WEBP", lossless=True),
        "animated.webp": encoded(rgb, format="WEBP", save_all=True, append_images=[frames[1].convert("RGB")], duration=30),
        "exif-3.webp": encoded(rgb, format="WEBP", quality=30, exif=exif(3), xmp=b"<x/>"),
        "24-bits.bmp": encoded(rgb, format="BMP"),
        "32-bits.bmp": encoded(rgba, format="BMP"),
        "8-bits.bmp": encoded(rgb.quantize(16), format="BMP"),
        "1-bit.bmp": encoded(drawing(14, 11, "1"), format="BMP"),
        "header.avif": heif(b"avif"),
        "header.heic": heif(b"heic"),
    }


RECIPES = {
    "default": ("{}", "444.jpg"),
    "sized": ('{"width":17,"height":40,"quality":1,"effort":"fast"}', "420.jpg"),
    "cropped": ('{"width":9,"height":9,"crop":{"x":3,"y":2,"width":8,"height":7},"rotate":270,"flip":true}', "progressive.jpg"),
    "contained": ('{"width":30,"height":20,"fit":"contain","background":"#0a141e","format":"png"}', "rgba.png"),
    "limited": ('{"width":64,"height":64,"maxBytes":900,"quality":100}', "422.jpg"),
    "straightened": ('{"width":20,"height":20,"straighten":-312}', "rgb.png"),
    "webp": ('{"width":20,"height":20,"format":"webp"}', "rgba.png"),
    "animated": ('{"width":10,"height":10,"animate":true,"format":"png"}', "animated.gif"),
    "animated-webp": ('{"width":10,"height":10,"animate":true,"format":"webp"}', "animated.webp"),
    "wrong": ('{"width":0,"height":4097,"quality":101,"rotate":45,"crop":{"x":4294967295,"y":0,"width":4294967295,"height":0}}', "gray.png"),
}

# Scripts: each byte is a decision. Those of `differential`: width, height, colour, sampling, progressive, interleaved, content, quantisation,
# markers, fill bytes, restart interval, shapes of the codes, bits left for later scans.
SCRIPTS = {
    "animated": {f"style-{style}": bytes((37 * style + 91 * at + at * at * (style + 3)) % 256 for at in range(64)) for style in range(8)},
    "differential": {
        f"sampling-{sampling}{'-progressive' if coding else ''}": bytes([25 + sampling, 37, 0, sampling, coding, sampling, sampling % 3, sampling % 4, coding, 0, sampling % 5, sampling, sampling, 1, sampling, 2])
        for sampling in range(14)
        for coding in (0, 1)
    },
    "mutated": {f"file-{file}": bytes([file, 9 * file % 256, 0x80 | file % 8, 0, 30 + 11 * file, 5]) for file in range(20)}
    | {f"made-{number}": bytes([0x80, 30, 20, 0, number, number, 0, 0, 0, 0, 0, 1, number % 8, 1, 40 * number % 256, 9]) for number in range(8)},
    # Quality, width, height, colour, depth, pattern, a pixel.
    "lossy_webp": {
        f"{pattern}-{color}-{quality}": bytes([quality - 1, 18, 34, color, 0, pattern, 200, 90, 10, 255, 3, 77, 1, 9])
        for pattern in range(4)
        for color, quality in [(0, 80), (1, 1), (2, 99)]
    },
    "round_trip": {
        f"{color}-{output}": bytes([18, 11, color, depth, pattern, 200, 90, 10, 255, 3, 77, 1, 9, output, color % 2, 20, 30, 94, depth, pattern % 2, 0])
        for color in range(4)
        for output in range(3)
        for depth, pattern in [((color + output) % 2, (color * 3 + output) % 4)]
    },
}


def main() -> None:
    pictures = jpegs() | pngs() | others()
    recipes = {name: recipe.encode() + b"\n" + pictures[of] for name, (recipe, of) in RECIPES.items()}
    folders = {"pictures": pictures, "recipe": recipes, **SCRIPTS}
    for folder, files in folders.items():
        (HERE / folder).mkdir(exist_ok=True)
        for name, content in files.items():
            (HERE / folder / name).write_bytes(content)


main()
