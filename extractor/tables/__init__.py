"""Tables → rows under their columns → records; `extractor.tables.types` tells the value in between."""
