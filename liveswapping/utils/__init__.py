"""The deep module paths of the published version that stay."""
