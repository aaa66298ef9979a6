"""Compares what awl and botocore make of the same environment and config file.

settings.py AWL SCRIPT: each setting that both have is put into the environment, into the
profile, into both, into neither; then both say what counts.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

import botocore.exceptions
import botocore.session

AWL, SCRIPT = sys.argv[1:3]

# awl's name: botocore's, the variable, the key (or block and key), two values.
BOOLEANS = ["true", "False", "TRUE", "yes"]
SCOPES = ["regional", "legacy"]
CHECKSUMS = ["when_supported", "when_required"]
SETTINGS = {
    "region": ("region", "AWS_DEFAULT_REGION", "region", ["eu-west-1", "us-west-2"]),
    "ca_bundle": ("ca_bundle", "AWS_CA_BUNDLE", "ca_bundle", ["/a.pem", "/b.pem"]),
    "retry_mode": ("retry_mode", "AWS_RETRY_MODE", "retry_mode", ["standard", "adaptive"]),
    "max_attempts": ("max_attempts", "AWS_MAX_ATTEMPTS", "max_attempts", ["2", "7"]),
    "defaults_mode": ("defaults_mode", "AWS_DEFAULTS_MODE", "defaults_mode",
                      ["standard", "in-region", "mobile"]),
    "tcp_keepalive": ("tcp_keepalive", "BOTOCORE_TCP_KEEPALIVE", "tcp_keepalive", BOOLEANS),
    "sdk_ua_app_id": ("user_agent_appid", "AWS_SDK_UA_APP_ID", "sdk_ua_app_id", ["a", "b"]),
    "use_fips_endpoint": ("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint",
                          BOOLEANS),
    "ignore_configured_endpoint_urls": (
        "ignore_configured_endpoint_urls", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "ignore_configured_endpoint_urls", BOOLEANS),
    "endpoint_discovery_enabled": (
        "endpoint_discovery_enabled", "AWS_ENDPOINT_DISCOVERY_ENABLED",
        "endpoint_discovery_enabled", ["true", "false", "auto"]),
    "sts_regional_endpoints": ("sts_regional_endpoints", "AWS_STS_REGIONAL_ENDPOINTS",
                               "sts_regional_endpoints", SCOPES),
    "account_id_endpoint_mode": (
        "account_id_endpoint_mode", "AWS_ACCOUNT_ID_ENDPOINT_MODE", "account_id_endpoint_mode",
        ["preferred", "disabled", "required"]),
    "disable_host_prefix_injection": (
        "disable_host_prefix_injection", "AWS_DISABLE_HOST_PREFIX_INJECTION",
        "disable_host_prefix_injection", BOOLEANS),
    "auth_scheme_preference": ("auth_scheme_preference", "AWS_AUTH_SCHEME_PREFERENCE",
                               "auth_scheme_preference", ["sigv4a,sigv4", "sigv4"]),
    "sigv4a_signing_region_set": (
        "sigv4a_signing_region_set", "AWS_SIGV4A_SIGNING_REGION_SET",
        "sigv4a_signing_region_set", ["us-east-1,eu-west-1", "*"]),
    "request_checksum_calculation": (
        "request_checksum_calculation", "AWS_REQUEST_CHECKSUM_CALCULATION",
        "request_checksum_calculation", CHECKSUMS),
    "response_checksum_validation": (
        "response_checksum_validation", "AWS_RESPONSE_CHECKSUM_VALIDATION",
        "response_checksum_validation", CHECKSUMS),
    "disable_request_compression": (
        "disable_request_compression", "AWS_DISABLE_REQUEST_COMPRESSION",
        "disable_request_compression", BOOLEANS),
    "request_min_compression_size_bytes": (
        "request_min_compression_size_bytes", "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
        "request_min_compression_size_bytes", ["100", "20000"]),
    "addressing_style": (("s3", "addressing_style"), None, ("s3", "addressing_style"),
                         ["path", "virtual", "auto"]),
    "use_accelerate_endpoint": (("s3", "use_accelerate_endpoint"), None,
                                ("s3", "use_accelerate_endpoint"), BOOLEANS),
    "payload_signing_enabled": (("s3", "payload_signing_enabled"), None,
                                ("s3", "payload_signing_enabled"), BOOLEANS),
    "use_arn_region": (("s3", "use_arn_region"), "AWS_S3_USE_ARN_REGION",
                       ("s3", "use_arn_region"), BOOLEANS),
    "s3_us_east_1_regional_endpoint": (
        ("s3", "us_east_1_regional_endpoint"), "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
        ("s3", "us_east_1_regional_endpoint"), SCOPES),
    "disable_multiregion_access_points": (
        ("s3", "s3_disable_multiregion_access_points"),
        "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
        ("s3", "s3_disable_multiregion_access_points"), BOOLEANS),
}

# What is not set: botocore has a value for it, awl leaves that to what reads it; False and
# nothing are the same.
DEFAULTS = {
    "retry_mode": "legacy", "defaults_mode": "legacy", "endpoint_discovery_enabled": "auto",
    "sts_regional_endpoints": "regional", "account_id_endpoint_mode": "preferred",
    "request_checksum_calculation": "when_supported",
    "response_checksum_validation": "when_supported",
    "request_min_compression_size_bytes": 10240,
}


def write_config(path, rng, share):
    lines, blocks = ["[default]"], {}
    for _, _, key, values in SETTINGS.values():
        if rng.random() >= share:
            continue
        value = rng.choice(values)
        if isinstance(key, tuple):
            blocks.setdefault(key[0], []).append(f"  {key[1]} = {value}")
        else:
            lines.append(f"{key} = {value}")
    for name, nested in blocks.items():
        lines += [f"{name} ="] + nested
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")


def environment(rng, share, home):
    env = {"HOME": home, "PATH": os.environ["PATH"], "AWS_CONFIG_FILE": f"{home}/config",
           "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
    for _, variable, _, values in SETTINGS.values():
        if variable and rng.random() < share:
            env[variable] = rng.choice(values)
    return env


def of_botocore(env):
    for name in list(os.environ):
        if name.startswith(("AWS_", "BOTOCORE_")):
            del os.environ[name]
    os.environ.update({k: v for k, v in env.items() if k.startswith(("AWS_", "BOTOCORE_"))})
    session = botocore.session.Session()
    found = {}
    for name, (theirs, *_) in SETTINGS.items():
        if isinstance(theirs, tuple):
            block = session.get_config_variable(theirs[0]) or {}
            found[name] = block.get(theirs[1])
        else:
            found[name] = session.get_config_variable(theirs)
    return found


def default_region(session, service):
    """Of a client of the service that nobody gave a region."""
    if service == "s3":
        return "us-east-1"
    resolver = session.get_component("endpoint_resolver")
    prefix = session.get_service_model(service).endpoint_prefix
    try:
        endpoint = resolver.construct_endpoint(prefix, None)
    except botocore.exceptions.NoRegionError:
        return None
    return endpoint and endpoint["endpointName"]


def compare_default_regions():
    session = botocore.session.Session()
    services = session.get_available_services()
    ours = json.loads(subprocess.run([AWL, SCRIPT, "regions"], input=json.dumps(services),
                                     check=True, capture_output=True, text=True).stdout)
    wrong = [s for s in services if ours.get(s) != default_region(session, s)]
    for service in wrong:
        print(f"FAILED the region of {service} where none is set: {ours.get(service)!r}")
    print(f"{len(services) - len(wrong)} of {len(services)} services have botocore's region "
          "where none is set")
    return len(wrong)


def plain(name, value):
    if value is None or value is False:
        value = DEFAULTS.get(name)
    return None if value is None else str(value).lower()


def main():
    rng = random.Random(5)
    compared, different = 0, 0
    with tempfile.TemporaryDirectory() as home:
        for in_profile, in_environment in [(0, 0), (1, 0), (0, 1), (1, 1)] + [(0.5, 0.5)] * 20:
            write_config(f"{home}/config", rng, in_profile)
            env = environment(rng, in_environment, home)
            ours = json.loads(subprocess.run([AWL, SCRIPT], env=env, check=True,
                                             capture_output=True, text=True).stdout)
            theirs = of_botocore(env)
            for name in SETTINGS:
                compared += 1
                if plain(name, ours.get(name)) != plain(name, theirs[name]):
                    different += 1
                    print(f"FAILED {name}: {ours.get(name)!r} instead of {theirs[name]!r}")
    print(f"{compared - different} of {compared} settings agree with botocore")
    different += compare_default_regions()
    sys.exit(different > 0)


main()
