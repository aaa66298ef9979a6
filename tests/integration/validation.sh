#!/usr/bin/env bash
# What awl refuses of wrong inputs is what botocore refuses: see validation.py. Without
# arguments a sample of services is taken.
#
#   validation.sh [--all | SERVICE...]
. "$(dirname "$0")/lib.sh"

# Of each protocol some, and those with unions, documents, labels in hosts and jsonvalues.
sample=(
    apigateway appmesh autoscaling bedrock-agent-runtime bedrock-runtime cloudformation
    cloudfront codecatalyst connect dynamodb ec2 ecs glue iam iot-data kinesis lambda
    lex-runtime location logs mediaconvert organizations route53 s3 s3control
    secretsmanager servicediscovery sns sqs ssm sts timestream-query wisdom
)

for_services "$@"
