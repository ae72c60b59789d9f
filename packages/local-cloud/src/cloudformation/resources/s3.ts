import type { BucketProperties } from '../../s3/s3.ts'
import type { Deployer } from '../resource.ts'

const bucket: Deployer = async ({ physicalName, properties, services: { identity, s3 } }) => {
  // Bucket names are DNS labels: lower case, at most 63 characters. CDK's hash stands at the end of a logical id.
  const name = String(
    properties.BucketName ??
      physicalName
        .toLowerCase()
        .replace(/[^a-z0-9-]/g, '-')
        .slice(-63),
  )
  s3.createBucket({ ...(properties as Partial<BucketProperties>), BucketName: name })
  return {
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      DualStackDomainName: `${name}.s3.dualstack.${identity.region}.amazonaws.com`,
      RegionalDomainName: `${name}.s3.${identity.region}.amazonaws.com`,
    },
  }
}

export const s3Resources: Record<string, Deployer> = { 'AWS::S3::Bucket': bucket }
