import { expect, test } from 'vitest'
import { credentialsOf, dispatchSettings, publishSettings, runSettings, sweepSettings } from '../../lambda/settings.ts'

const full = {
  AWS_REGION: 'us-east-1',
  QUEUE_URL_HIGH: 'h',
  QUEUE_URL_NORMAL: 'n',
  QUEUE_URL_LOW: 'l',
  GRAPHQL_URL: 'https://example.com/graphql',
  JOB_TABLE: 'AgentJob',
  EVENT_TABLE: 'AgentJobEvent',
  SESSION_TABLE: 'AgentJobSession',
  RESULT_BUCKET: 'results',
  RESULT_BUCKET_DOMAIN: 'results.s3.eu-west-1.amazonaws.com',
  STALL_SECONDS: '60',
  MODEL_ID: 'model',
  LEASE_SECONDS: '60',
  HEARTBEAT_SECONDS: '20',
  DEFAULT_TIMEOUT_SECONDS: '900',
  DEFAULT_MAX_ATTEMPTS: '3',
  RESULT_TTL_SECONDS: '604800',
}
const readers = { dispatchSettings, publishSettings, runSettings, sweepSettings }

test('a full environment is read', () => {
  expect(runSettings(full)).toMatchObject({ leaseSeconds: 60, heartbeatSeconds: 20, defaultMaxAttempts: 3 })
  expect(dispatchSettings(full).queueUrls).toEqual({ HIGH: 'h', NORMAL: 'n', LOW: 'l' })
})

for (const [name, read] of Object.entries(readers)) {
  test(`${name}: each missing or empty setting is named`, () => {
    const touched = new Set<string>()
    read(new Proxy(full, { get: (env, key: string) => touched.add(key) && env[key as keyof typeof full] }))
    expect(touched.size).toBeGreaterThan(1)
    for (const setting of touched) {
      if (setting.startsWith('AWS_ENDPOINT_URL')) continue
      expect(() => read({ ...full, [setting]: undefined })).toThrow(`${setting} must be set`)
      expect(() => read({ ...full, [setting]: '' })).toThrow(`${setting} must be set`)
    }
  })
}

test('S3 is where the SDK would look for it', () => {
  const endpointOf = (more: object) => runSettings({ ...full, ...more }).results.endpoint
  expect(endpointOf({})).toBeUndefined()
  expect(endpointOf({ AWS_ENDPOINT_URL: 'http://all' })).toBe('http://all')
  expect(endpointOf({ AWS_ENDPOINT_URL: 'http://all', AWS_ENDPOINT_URL_S3: 'http://s3' })).toBe('http://s3')
})

test('the credentials are those of the function, and named when they are missing', async () => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' }
  expect(await credentialsOf(keys)()).toMatchObject({ accessKeyId: 'AKID', secretAccessKey: 'secret' })
  await expect(credentialsOf({})()).rejects.toThrow(/AWS_ACCESS_KEY_ID.*must be set/)
})

test.each(['0', '-1', '1.5', '60s', 'NaN'])('%s is no number of seconds', (LEASE_SECONDS) => {
  expect(() => runSettings({ ...full, LEASE_SECONDS })).toThrow(/LEASE_SECONDS must be a whole number from 1 to .*got/)
})

test('an hour of silence is the most', () => {
  expect(() => runSettings({ ...full, STALL_SECONDS: '3601' })).toThrow(/STALL_SECONDS .* from 1 to 3600, got "3601"/)
})

test('a heartbeat must fit into its lease', () => {
  expect(() => runSettings({ ...full, HEARTBEAT_SECONDS: '60' })).toThrow(
    /HEARTBEAT_SECONDS must be less than LEASE_SECONDS/,
  )
})

test('a GraphQL address must be one', () => {
  expect(() => publishSettings({ ...full, GRAPHQL_URL: 'example' })).toThrow(/GRAPHQL_URL must be a URL.*got example/)
})

test.each(['dispatch-jobs', 'publish-changes', 'sweep-overdue', 'run-job'])(
  '%s does not start without its settings',
  (name) =>
    expect(import(`../../lambda/${name}.ts`)).rejects.toThrow(/must be set in the environment of this function/),
)
