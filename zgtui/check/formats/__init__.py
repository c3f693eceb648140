"""The report of ``zgtui check``, in each format that it can be written in."""
