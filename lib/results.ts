import { Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { Grant, type IRole } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

/** Results too large for a row: the row holds the key of an object here. */
export class JobResults extends Construct {
  readonly bucket: Bucket

  constructor(scope: Construct, id: string, props: { resultRetention: Duration; removalPolicy: RemovalPolicy }) {
    super(scope, id)
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      lifecycleRules: [
        {
          // S3 counts whole days from the writing of the object, which is when its job ends.
          expiration: Duration.days(Math.ceil(props.resultRetention.toDays({ integral: false }))),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
        },
      ],
      removalPolicy: props.removalPolicy,
    })
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'One role writes and one reads, each by exact keys that rows hold; logs of that would outlive the results.',
    })
  }

  /** Lets a role do this with every result, and nothing else with the bucket. */
  grant(role: IRole, action: 's3:GetObject' | 's3:PutObject'): void {
    Grant.addToPrincipal({ grantee: role, actions: [action], resourceArns: [this.bucket.arnForObjects('results/*')] })
    const logicalId = Stack.of(this).getLogicalId(this.bucket.node.defaultChild as CfnBucket)
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/results/*]`,
      reason: 'Jobs come and go, and each has a key of its own; it is one action on one prefix of one bucket.',
    })
  }
}
