-- Writes the answers that the benchmarks' server gives, of the sizes that real services
-- answer with:
--
--     awl tests/bench/answers.lua FOLDER
local folder = arg[1]

local function write(name, text)
  local file <close> = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
end

local function repeated(count, make)
  local parts = {}
  for i = 1, count do parts[i] = make(i) end
  return table.concat(parts)
end

write("sts", [[
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:user/bench</Arn>
    <UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
]])

write("lambda", '{"statusCode":200,"body":"hello"}')

write("acl", [[
<?xml version="1.0" encoding="UTF-8"?>
<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>]] ..
  ("75aa57f09aa0c8ca"):rep(4) .. [[</ID><DisplayName>bench</DisplayName></Owner>]] ..
  [[<AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ]] ..
  [[xsi:type="CanonicalUser"><ID>]] .. ("75aa57f09aa0c8ca"):rep(4) ..
  [[</ID><DisplayName>bench</DisplayName></Grantee><Permission>FULL_CONTROL</Permission>]] ..
  [[</Grant></AccessControlList></AccessControlPolicy>]])

write("sqs", '{"MD5OfMessageBody":"5d41402abc4b2a76b9719d911017c592",' ..
  '"MessageId":"01234567-89ab-cdef-0123-456789abcdef"}')

local function item(i)
  return ('{"pk":{"S":"customer#%06d"},"sk":{"S":"profile"},"name":{"S":"Customer %d"},' ..
    '"visits":{"N":"%d"},"balance":{"N":"%d.25"},"active":{"BOOL":true},' ..
    '"tags":{"L":[{"S":"gold"},{"S":"newsletter"}]},' ..
    '"address":{"M":{"city":{"S":"Dublin"},"zip":{"S":"D%02d"}}}}'):format(i, i, i * 7, i, i % 24)
end

write("getitem", '{"Item":' .. item(1) .. "}")

write("batchget", '{"Responses":{"t":[' ..
  repeated(100, function(i) return (i > 1 and "," or "") .. item(i - 1) end) ..
  ']},"UnprocessedKeys":{}}')

local function listing(count)
  return '<?xml version="1.0" encoding="UTF-8"?>\n' ..
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>' ..
    ("<Prefix></Prefix><KeyCount>%d</KeyCount><MaxKeys>%d</MaxKeys>"):format(count, count) ..
    "<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>" ..
    repeated(count, function(i)
      return ("<Contents><Key>logs/2026/11/%06d-part.json.gz</Key>" ..
        "<LastModified>2026-11-01T12:%02d:%02d.000Z</LastModified>" ..
        "<ETag>&quot;%032x&quot;</ETag><ChecksumAlgorithm>CRC32</ChecksumAlgorithm>" ..
        "<ChecksumType>FULL_OBJECT</ChecksumType><Size>%d</Size>" ..
        "<StorageClass>STANDARD</StorageClass></Contents>"):format(
        i, i % 60, i * 7 % 60, i * 2654435761, i * 1021)
    end) .. "</ListBucketResult>"
end

write("list100", listing(100))
write("list1000", listing(1000))

local function instance(i)
  return ([[
    <item>
      <reservationId>r-%017x</reservationId><ownerId>123456789012</ownerId><groupSet/>
      <instancesSet><item>
        <instanceId>i-%017x</instanceId><imageId>ami-0abcdef1234567890</imageId>
        <instanceState><code>16</code><name>running</name></instanceState>
        <privateDnsName>ip-10-0-0-%d.ec2.internal</privateDnsName><dnsName/><reason/>
        <keyName>ops</keyName><amiLaunchIndex>0</amiLaunchIndex><productCodes/>
        <instanceType>m5.large</instanceType><launchTime>2026-10-0%dT08:00:00.000Z</launchTime>
        <placement><availabilityZone>us-east-1a</availabilityZone><groupName/>
          <tenancy>default</tenancy></placement>
        <monitoring><state>disabled</state></monitoring>
        <subnetId>subnet-0a1b2c3d4e5f60718</subnetId><vpcId>vpc-0a1b2c3d4e5f60718</vpcId>
        <privateIpAddress>10.0.0.%d</privateIpAddress><sourceDestCheck>true</sourceDestCheck>
        <groupSet><item><groupId>sg-0a1b2c3d4e5f60718</groupId><groupName>web</groupName></item></groupSet>
        <architecture>x86_64</architecture><rootDeviceType>ebs</rootDeviceType>
        <rootDeviceName>/dev/xvda</rootDeviceName>
        <blockDeviceMapping><item>
          <deviceName>/dev/xvda</deviceName>
          <ebs><volumeId>vol-%017x</volumeId><status>attached</status>
          <attachTime>2026-10-01T08:00:01.000Z</attachTime>
          <deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>
        <virtualizationType>hvm</virtualizationType><clientToken/>
        <tagSet><item><key>Name</key><value>web-%d</value></item><item><key>env</key><value>prod</value></item>
          <item><key>team</key><value>core</value></item></tagSet>
        <hypervisor>xen</hypervisor><networkInterfaceSet/><ebsOptimized>true</ebsOptimized>
        <enaSupport>true</enaSupport>
        <cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions>
        <metadataOptions><state>applied</state><httpTokens>required</httpTokens>
          <httpPutResponseHopLimit>2</httpPutResponseHopLimit>
          <httpEndpoint>enabled</httpEndpoint></metadataOptions>
      </item></instancesSet>
    </item>
]]):format(i, i, i % 250, i % 9 + 1, i % 250, i, i)
end

write("ec2", '<?xml version="1.0" encoding="UTF-8"?>\n' ..
  '<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' ..
  "<requestId>01234567-89ab-cdef-0123-456789abcdef</requestId><reservationSet>\n" ..
  repeated(200, instance) .. "</reservationSet></DescribeInstancesResponse>")

write("get1k", ("0123456789abcdef"):rep(64))
local mib = ("0123456789abcdef"):rep(65536)
write("get1m", mib)
local file <close> = assert(io.open(folder .. "/get256m", "wb"))
for _ = 1, 256 do file:write(mib) end
