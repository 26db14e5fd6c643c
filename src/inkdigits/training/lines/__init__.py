"""How the line reader is made: rows of writing composed, a network that reads them, its ONNX."""
