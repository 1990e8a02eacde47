"""One target under atheris, which looks for inputs that take branches that none has taken: `guided TARGET SECONDS`."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

from tests.fuzz import landmarks
from tests.fuzz.targets import CORPUS, INSTRUMENTED, KERNELS, load


def main(name: str, seconds: int, found: Path) -> None:
    """Fuzz for so long. New inputs, and those that fail, are left in the folder `found`."""
    with atheris.instrument_imports(include=INSTRUMENTED[name], exclude=KERNELS):
        target = load(name)
    landmarks.guide(atheris.instrument_func)
    corpus = found / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    limits = ("-timeout=30", "-rss_limit_mb=4096", "-max_len=4096", f"-max_total_time={seconds}")
    flags = [*limits, f"-artifact_prefix={found}/", "-print_final_stats=1"]
    atheris.Setup([name, *flags, str(corpus), *[str(path) for path in [CORPUS / name] if path.is_dir()]], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
