import io
import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import boto3
from loguru import logger


class PhotoStore:
    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self.s3 = boto3.client("s3")  # expect: DUR121

    def key(self, listing_id: str, name: str) -> str:
        return str(PurePosixPath("listings") / listing_id / PurePosixPath(name).name)

    def archive(self, listing_id: str, names: list[str]) -> str:
        folder = tempfile.mkdtemp()  # expect: DUR122
        target = Path(folder) / f"{listing_id}.zip"
        with zipfile.ZipFile(target, "w") as bundle:  # expect: DUR122
            for name in names:
                bundle.writestr(name, b"")
        self.s3.upload_file(str(target), self.bucket, self.key(listing_id, target.name))  # expect: DUR121
        shutil.rmtree(folder)  # expect: DUR122
        logger.info("archived {}", listing_id)  # expect: DUR143
        return target.name

    def contact_sheet(self, names: list[str]) -> bytes:
        sheet = io.BytesIO()
        for name in names:
            sheet.write(name.encode())
        return sheet.getvalue()
