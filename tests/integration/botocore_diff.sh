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
case ${1:-} in
'') services=("${sample[@]}") ;;
--all) services=() ;;
*) services=("$@") ;;
esac

# Version managers of Python look into the user's own folder.
export HOME=$user_home AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export AWS_BEARER_TOKEN_CODECATALYST=token AWS_BEARER_TOKEN_BEDROCK=token

command -v python3 >/dev/null || skip "there is no python3"
installed=$(python3 -c 'import botocore; print(botocore.__version__)' 2>/dev/null) ||
    skip "botocore is not installed"
wanted=$(xz -dc "$root/runtime/model/data/models.jsonl.xz" 2>/dev/null | head -n 1 |
    sed -n 's/^{"format":1,"version":"botocore \([^"]*\)".*/\1/p')
[ -n "$wanted" ] || die "the stored models name no version of botocore"
[ "$installed" = "$wanted" ] || skip "botocore is $installed, the models are of $wanted"

AWL=$AWL python3 "$here/$(basename "$0" .sh).py" ${services[@]+"${services[@]}"}
