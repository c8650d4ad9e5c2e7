"""How right models are, how sure they may be, what people make of their suggestions, and where people must look."""
