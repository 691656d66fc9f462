"""ElastiCache and MemoryDB in front of ministack: what a fleet asks for, with endpoints that lead to the real Redis, Valkey
and Memcached of this run. Accounts whose number starts with 6 have caches, the others none.
"""

import json
import os
import re

from redshift_front import reply


def endpoint(name, host, port):
    return f"<{name}><Address>{host}</Address><Port>{port}</Port></{name}>"


def group(name, clustered, tls, host, port, engine="redis"):
    where = endpoint("ConfigurationEndpoint", host, port) if clustered else ""
    primary = "" if clustered else endpoint("PrimaryEndpoint", host, port)
    member = f"<NodeGroupMember><CacheClusterId>{name}-001</CacheClusterId><CacheNodeId>0001</CacheNodeId></NodeGroupMember>"
    shard = (
        f"<NodeGroup><NodeGroupId>0001</NodeGroupId><Status>available</Status>{primary}"
        f"<NodeGroupMembers>{member}</NodeGroupMembers></NodeGroup>"
    )
    users = "<UserGroupIds><member>team</member></UserGroupIds>" if tls else ""
    return (
        f"<ReplicationGroup><ReplicationGroupId>{name}</ReplicationGroupId><Status>available</Status><Engine>{engine}</Engine>"
        f"<ClusterEnabled>{str(clustered).lower()}</ClusterEnabled>{where}<NodeGroups>{shard}</NodeGroups>"
        f"<TransitEncryptionEnabled>{str(tls).lower()}</TransitEncryptionEnabled>{users}"
        f"<AutomaticFailover>enabled</AutomaticFailover><CacheNodeType>cache.t4g.small</CacheNodeType></ReplicationGroup>"
    )


def memcached():
    nodes = "".join(
        f"<CacheNode><CacheNodeId>000{n}</CacheNodeId><CacheNodeStatus>available</CacheNodeStatus>"
        f"{endpoint('Endpoint', '127.0.0.1', os.environ['MEMCACHED%d' % n])}</CacheNode>"
        for n in (1, 2)
    )
    return (
        "<CacheCluster><CacheClusterId>fragments</CacheClusterId><CacheClusterStatus>available</CacheClusterStatus>"
        "<Engine>memcached</Engine><EngineVersion>1.6.18</EngineVersion><NumCacheNodes>2</NumCacheNodes>"
        f"<CacheNodes>{nodes}</CacheNodes></CacheCluster>"
    )


def elasticache(action, has):
    groups = "".join([
        group("cache", False, False, "127.0.0.1", os.environ["REDIS"]),
        group("valkey", False, False, "127.0.0.1", os.environ["VALKEY"], "valkey"),
        group("secure", False, True, "localhost", os.environ["REDIS_TLS"]),
        group("clustered", True, False, "127.0.0.1", os.environ["NODE1"]),
    ])
    inner = {
        "DescribeReplicationGroups": f"<ReplicationGroups>{groups if has else ''}</ReplicationGroups>",
        "DescribeCacheClusters": f"<CacheClusters>{memcached() if has else ''}</CacheClusters>",
    }.get(action, "")
    name = f"{action}Result"
    return f'<{action}Response xmlns="http://elasticache.amazonaws.com/doc/2015-02-02/"><{name}>{inner}</{name}></{action}Response>'


def in_front(app):
    """`app`, with ElastiCache and MemoryDB answered here."""

    async def front(scope, receive, send):
        if scope["type"] != "http":
            return await app(scope, receive, send)
        headers = {k.decode().lower(): v.decode("latin-1") for k, v in scope["headers"]}
        scoped = re.search(r"Credential=(\d+)/\d+/[^/]+/([^/]+)/", headers.get("authorization", ""))
        account, service = scoped.groups() if scoped else ("", "")
        if service not in ("elasticache", "memorydb"):
            return await app(scope, receive, send)
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if service == "memorydb":
            return await reply(send, 200, json.dumps({"Clusters": []}), "application/x-amz-json-1.1")
        action = re.search(r"Action=(\w+)", body.decode()).group(1)
        await reply(send, 200, elasticache(action, account.startswith("6")), "text/xml")

    return front
