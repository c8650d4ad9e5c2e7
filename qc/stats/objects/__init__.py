"""Agreement on objects that people draw: boxes, polygons, masks, key points, lines and tracks."""
