"""Optical character recognition: from the picture of a page to lines of characters with places and confidences.

Values (`Picture`, `PageReading`) travel; the pictures are prepared (`preparation`), read (`engine`) in processes of their
own (`worker`, `workers`) and remembered (`cache`). Nothing here knows PDF files or documents.
"""
