"""The product's vocabulary: values, protocols, settings, errors. Standard library and numpy only."""
