/** An error of S3, with the code that its clients look at. */
export class S3Error extends Error {
  readonly code: string
  readonly status: number

  constructor(code: string, status: number, message: string) {
    super(message)
    this.name = 'S3Error'
    this.code = code
    this.status = status
  }
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

export function xml(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${content}`
}
