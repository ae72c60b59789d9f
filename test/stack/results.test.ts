import { Duration } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { describe, test } from 'vitest'
import { newStack } from './synthesized-stack.ts'

const template = Template.fromStack(newStack())

describe('the bucket of large results', () => {
  test('is private, encrypted, asked over TLS only, and kept when the stack goes', () => {
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        BucketEncryption: Match.anyValue(),
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          ...{ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
        },
      },
    })
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
      },
    })
  })

  test.each([
    [Duration.days(7), 7],
    [Duration.hours(1), 1],
    [Duration.hours(25), 2],
  ])('keeps an object for the retention of results, in whole days', (resultRetention, days) => {
    Template.fromStack(newStack({ resultRetention })).hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [Match.objectLike({ ExpirationInDays: days, Status: 'Enabled' })] },
    })
  })
})
