#!/usr/bin/env bash
# The requests that awl prepares are those of botocore, for inputs made from the models: see
# botocore_diff.py. Without arguments a sample of services is compared.
#
#   botocore_diff.sh [--all | SERVICE...]
. "$(dirname "$0")/lib.sh"

# Of each protocol some, and those with rules of their own.
sample=(
    apigateway autoscaling bedrock bedrock-agentcore cloudformation cloudfront
    cloudsearchdomain cloudwatch codecatalyst dynamodb ec2 ecs events glacier iam iot-data
    kinesis lambda logs organizations rds route53 s3 s3control sdb secretsmanager sns sqs ssm
    stepfunctions sts timestream-write
)

for_services "$@"
