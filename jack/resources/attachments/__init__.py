"""Files that come with messages and files that leave with them: kept on the disk, named and served by rows."""
