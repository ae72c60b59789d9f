export function escapeXml(text: string): string {
  return (
    text
      // XML has no form at all for most control characters.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  )
}

export function xml(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${content}`
}
