mod style_placeholder {}
