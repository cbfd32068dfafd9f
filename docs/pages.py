# SPDX-License-Identifier: Apache-2.0
"""Takes pages into the site that live elsewhere in the repository (a hook of mkdocs)."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
SINGLE = {"security.md": "SECURITY.md", "changelog.md": "CHANGELOG.md"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add SECURITY.md, CHANGELOG.md and the protocols' own pages."""
    pages = {name: ROOT / path for name, path in SINGLE.items()}
    pages |= {f"spec/{path.name}": path for path in sorted((ROOT / "proto" / "spec").glob("*.md"))}
    for name, path in pages.items():
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files
