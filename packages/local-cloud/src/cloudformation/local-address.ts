/**
 * Where a URL of a template leads to here. AWS's own hosts stand behind the one local port, and of what such a host's name
 * says only a bucket matters, which is told by a name below localhost: the port answers to no other names. Any other
 * host is what it says.
 */
export function localAddress(url: string, localUrl: string): string {
  const { hostname } = new URL(url)
  if (!/\.amazonaws\.com(\.cn)?$/.test(hostname)) return url
  const [, bucket] = /^([^.]+)\.s3[.-]/.exec(hostname) ?? []
  return bucket === undefined ? localUrl : `http://${bucket}.localhost:${new URL(localUrl).port}`
}
