"""What training leaves behind: loss logs, histories, trends and tables, without torch or ui."""
