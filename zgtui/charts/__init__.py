"""Loss curves as rows of characters, and the words and colours that go with them; no Textual."""
