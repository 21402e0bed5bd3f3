"""Scan twins of annotated reports: the same report typeset, printed, scanned and read by our own OCR, with its gold marks.

typesetting  text → pages of characters with places, as an office would print it
paper        pages → pictures as a scanner gives them, and a PDF file of them
alignment    where the characters of one text stand in another
twin         the story: report → scan → document, gold marks carried over

Nothing that extracts imports this: it is for training and measuring, and needs Chinese fonts
(Debian: fonts-noto-cjk, fonts-arphic-uming, fonts-arphic-ukai, fonts-wqy-zenhei).
"""
