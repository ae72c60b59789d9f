/**
 * Where a URL of a template leads to here: AWS's own hosts stand behind the one local port, which tells them apart by the
 * request's Host header; any other host is what it says.
 */
export function localAddress(url: string, localUrl: string): string {
  return /\.amazonaws\.com(\.cn)?$/.test(new URL(url).hostname) ? localUrl : url
}
