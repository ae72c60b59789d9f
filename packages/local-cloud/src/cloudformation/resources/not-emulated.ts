import type { Deployer } from '../resource.ts'

/** Services whose resources change nothing about what runs here: permissions, logs, alarms, dashboards. */
const WITHOUT_EFFECT = ['AWS::IAM::', 'AWS::Logs::', 'AWS::CloudWatch::', 'AWS::SNS::', 'AWS::KMS::']
const WITHOUT_EFFECT_TYPES = new Set([
  'AWS::CDK::Metadata',
  'AWS::Cognito::IdentityPool',
  'AWS::Cognito::IdentityPoolRoleAttachment',
  'AWS::Lambda::Permission',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  // It refuses too many requests; whoever floods a laptop is its owner.
  'AWS::WAFv2::WebACL',
  'AWS::WAFv2::WebACLAssociation',
  'AWS::SecretsManager::ResourcePolicy',
  // How long logs are kept, and that a bucket is emptied when its stack goes: neither ever happens here.
  'Custom::LogRetention',
  'Custom::S3AutoDeleteObjects',
])

/** Gives a resource a name and an ARN to refer to, for any other attribute a text of its name, and nothing else. */
export function notEmulated(type: string): Deployer {
  return async ({ physicalName, services: { identity } }) => {
    const service = type.split('::')[1]?.toLowerCase()
    const arn = `arn:aws:${service}:${identity.region}:${identity.accountId}:${physicalName}`
    return {
      ref: physicalName,
      attributes: { Arn: arn, TopicName: physicalName, RoleId: physicalName },
      attribute: (name) => (name.endsWith('Arn') ? arn : `${physicalName}.${name}`),
    }
  }
}

/** Whether a type may be left without effect; any other unknown type is an error. */
notEmulated.knows = (type: string): boolean =>
  WITHOUT_EFFECT_TYPES.has(type) || WITHOUT_EFFECT.some((prefix) => type.startsWith(prefix))
