import { execFileSync } from 'node:child_process'
import { describe, expect, inject, test } from 'vitest'

describe.each(Object.entries(inject('tarballs')))('%s', (_name, tarball) => {
  test('is packed as publint wants it', () => {
    execFileSync('node_modules/.bin/publint', ['run', tarball, '--strict'], { encoding: 'utf8' })
  })

  test('has types that tell the truth to each kind of import', () => {
    execFileSync('node_modules/.bin/attw', [tarball, '--quiet'], { encoding: 'utf8' })
  })

  test('holds what runs, its types, a README and the licence, and nothing else', () => {
    const files = execFileSync('tar', ['tzf', tarball], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((file) => file.replace('package/', ''))
    for (const file of ['package.json', 'README.md', 'LICENSE']) expect(files).toContain(file)
    const rest = files.filter((file) => !/^(package\.json|README\.md|LICENSE|dist\/.*)$/.test(file))
    expect(rest).toEqual([])
    expect(files.filter((file) => /\.test\.|(^|\/)test\/|[^d]\.ts$/.test(file))).toEqual([])
  })
})

// `npm run api` writes the reports anew; their change shows in review what others will have to live with.
test.each(['sdk', 'cdk', 'client'])('the API that %s opens is the one in api/', (name) => {
  execFileSync('node_modules/.bin/api-extractor', ['run', '--config', `api/${name}.json`], { encoding: 'utf8' })
})
