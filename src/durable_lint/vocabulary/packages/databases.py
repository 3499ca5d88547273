"""Clients of databases, caches and search engines.

An engine, a client or a session is made without asking anything; what connects or runs a statement
counts. What only puts a statement together, or queues it in a pipeline or a session, does not.
"""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["DATABASES"]

_CURSOR = (
    "execute executemany executescript callproc fetchone fetchmany fetchall copy copy_expert"
    " copy_from copy_to stream scroll nextset __next__ __anext__ mogrify"
)
_CONNECTION = "execute executemany cursor commit rollback begin close ping transaction pipeline"
_COLLECTION = (
    "find find_one find_one_and_update find_one_and_replace find_one_and_delete insert_one"
    " insert_many update_one update_many replace_one delete_one delete_many aggregate"
    " aggregate_raw_batches count_documents estimated_document_count distinct bulk_write"
    " create_index create_indexes drop drop_index drop_indexes list_indexes index_information"
    " watch rename options"
)

DATABASES: Final = Family(
    calls={
        "network_io": {
            "psycopg": "connect",
            "psycopg.Connection": "connect execute commit rollback transaction pipeline"
            " notifies wait cancel cancel_safe xact",
            "psycopg.AsyncConnection": "connect execute commit rollback transaction close pipeline"
            " notifies wait cancel cancel_safe",
            "psycopg.Cursor": _CURSOR,
            "psycopg.AsyncCursor": _CURSOR,
            "psycopg_pool.ConnectionPool": "connection getconn putconn open close wait check",
            "psycopg_pool.AsyncConnectionPool": "connection getconn putconn open close wait check",
            "psycopg2": "connect",
            "psycopg2.extensions.connection": "commit rollback poll cancel reset",
            "psycopg2.extensions.cursor": _CURSOR,
            "psycopg2.pool.AbstractConnectionPool": "getconn putconn closeall",
            "psycopg2.extras": "execute_values execute_batch register_uuid wait_select",
            "asyncpg": "connect create_pool",
            "asyncpg.Connection": "fetch fetchrow fetchval fetchmany execute executemany prepare"
            " transaction cursor copy_to_table copy_from_table copy_from_query"
            " copy_records_to_table close add_listener remove_listener reset",
            "asyncpg.Pool": "acquire release fetch fetchrow fetchval fetchmany execute executemany"
            " close copy_records_to_table copy_to_table expire_connections",
            "asyncpg.transaction.Transaction": "start commit rollback",
            "asyncpg.prepared_stmt.PreparedStatement": "fetch fetchrow fetchval executemany cursor",
            "aiopg": "connect create_pool",
            "pg8000": "connect",
            "pg8000.native": "Connection",
            "pg8000.native.Connection": "*",
            "pymysql": "connect",
            "pymysql.connections.Connection": "commit rollback close ping query select_db",
            "pymysql.cursors.Cursor": _CURSOR,
            "MySQLdb": "connect",
            "mysql.connector": "connect",
            "mysql.connector.MySQLConnection": "commit rollback close ping",
            "mysql.connector.cursor.MySQLCursor": _CURSOR,
            "aiomysql": "connect create_pool",
            "asyncmy": "connect create_pool",
            "pyodbc": "connect",
            "pyodbc.Connection": _CONNECTION,
            "pyodbc.Cursor": _CURSOR,
            "aioodbc": "connect create_pool",
            "cx_Oracle": "connect SessionPool",
            "oracledb": "connect connect_async create_pool create_pool_async",
            "oracledb.Connection": "cursor commit rollback close ping",
            "oracledb.Cursor": _CURSOR,
            "pymssql": "connect",
            "aiosqlite": "connect",
            "aiosqlite.Connection": "execute execute_insert execute_fetchall executemany"
            " executescript commit rollback close cursor iterdump backup",
            "aiosqlite.Cursor": _CURSOR,
            "apsw": "Connection",
            "apsw.Connection": "*",
            "databases.Database": "connect disconnect execute execute_many fetch_all fetch_one"
            " fetch_val iterate transaction connection",
            "sqlalchemy.Engine": "connect begin raw_connection dispose execute scalar",
            "sqlalchemy.Connection": "execute scalar scalars commit rollback begin begin_nested"
            " exec_driver_sql stream stream_scalars run_sync",
            "sqlalchemy.MetaData": "create_all drop_all reflect",
            "sqlalchemy": "inspect",
            "sqlalchemy.orm.Session": "execute scalar scalars get get_one query merge flush commit"
            " rollback refresh begin begin_nested bulk_save_objects bulk_insert_mappings"
            " bulk_update_mappings connection prepare invalidate",
            "sqlalchemy.orm.Query": "all first one one_or_none scalar count get update delete"
            " exists __iter__",
            "sqlalchemy.orm.sessionmaker": "begin",
            "sqlalchemy.ext.asyncio.AsyncEngine": "connect begin raw_connection dispose",
            "sqlalchemy.ext.asyncio.AsyncConnection": "execute scalar scalars commit rollback begin"
            " begin_nested close exec_driver_sql stream stream_scalars run_sync start",
            "sqlalchemy.ext.asyncio.AsyncSession": "execute scalar scalars stream stream_scalars"
            " get get_one merge flush commit rollback refresh begin begin_nested close delete"
            " run_sync connection invalidate",
            "sqlalchemy.ext.asyncio.async_sessionmaker": "begin",
            "sqlmodel.Session": "exec",
            "sqlmodel.ext.asyncio.session.AsyncSession": "exec",
            "peewee.Database": "connect execute execute_sql atomic transaction close",
            "peewee.Model": "create get get_or_none get_or_create get_by_id save delete_instance"
            " bulk_create create_table",
            "tortoise.Tortoise": "init generate_schemas close_connections",
            "tortoise.models.Model": "create get get_or_none get_or_create filter all first save"
            " delete bulk_create update_or_create exists in_bulk refresh_from_db fetch_related",
            "tortoise.transactions": "in_transaction atomic",
            "ormar.Model": "save update delete load upsert",
            "prisma.Prisma": "*",
            "edgedb.Client": "*",
            "redis.Redis": "*",
            "redis.asyncio.Redis": "*",
            "redis.client.Pipeline": "execute watch unwatch immediate_execute_command",
            "redis.asyncio.client.Pipeline": "execute watch unwatch",
            "redis.client.PubSub": "*",
            "redis.asyncio.client.PubSub": "*",
            "redis.lock.Lock": "acquire release extend reacquire locked owned do_release",
            "redis.asyncio.lock.Lock": "acquire release extend reacquire locked owned",
            "redis.cluster.RedisCluster": "*",
            "aioredis": "create_redis create_redis_pool",
            "aredis.StrictRedis": "*",
            "coredis.Redis": "*",
            "valkey.Valkey": "*",
            "valkey.asyncio.Valkey": "*",
            "redis_lock.Lock": "*",
            "rq.Queue": "enqueue enqueue_in enqueue_at enqueue_call enqueue_job enqueue_many"
            " fetch_job empty",
            "rq_scheduler.Scheduler": "enqueue_at enqueue_in cron schedule cancel get_jobs",
            "pymemcache.client.base.Client": "*",
            "pymemcache.client.base.PooledClient": "*",
            "pymemcache.client.hash.HashClient": "*",
            "pylibmc.Client": "*",
            "aiomcache.Client": "*",
            "memcache.Client": "*",
            "pymongo.collection.Collection": _COLLECTION,
            "pymongo.asynchronous.collection.AsyncCollection": _COLLECTION,
            "pymongo.database.Database": "command aggregate create_collection drop_collection"
            " list_collection_names list_collections validate_collection watch",
            "pymongo.asynchronous.database.AsyncDatabase": "command create_collection"
            " drop_collection list_collection_names",
            "pymongo.MongoClient": "server_info list_database_names list_databases drop_database"
            " start_session close watch",
            "pymongo.AsyncMongoClient": "server_info list_database_names drop_database"
            " start_session close aconnect",
            "pymongo.cursor.Cursor": "__next__ __iter__ to_list explain distinct count",
            "motor.motor_asyncio.AsyncIOMotorCollection": _COLLECTION,
            "motor.motor_asyncio.AsyncIOMotorCursor": "to_list each __anext__",
            "motor.motor_asyncio.AsyncIOMotorDatabase": "command create_collection drop_collection"
            " list_collection_names",
            "motor.motor_asyncio.AsyncIOMotorClient": "server_info list_database_names"
            " drop_database start_session",
            "mongoengine": "connect disconnect",
            "mongoengine.Document": "save delete reload update modify objects.*",
            "beanie": "init_beanie",
            "beanie.Document": "insert save replace delete get find_one find find_all create update"
            " insert_many count aggregate",
            "elasticsearch.Elasticsearch": "*",
            "elasticsearch.AsyncElasticsearch": "*",
            "elasticsearch.helpers": "bulk async_bulk scan async_scan streaming_bulk parallel_bulk"
            " reindex",
            "opensearchpy.OpenSearch": "*",
            "opensearchpy.AsyncOpenSearch": "*",
            "opensearchpy.helpers": "bulk async_bulk scan",
            "meilisearch.Client": "*",
            "typesense.Client": "*",
            "algoliasearch.search_client.SearchClient": "*",
            "cassandra.cluster.Cluster": "connect shutdown",
            "cassandra.cluster.Session": "*",
            "neo4j.Driver": "execute_query verify_connectivity close",
            "neo4j.AsyncDriver": "execute_query verify_connectivity close",
            "neo4j.Session": "run execute_read execute_write begin_transaction close"
            " read_transaction write_transaction",
            "neo4j.AsyncSession": "run execute_read execute_write begin_transaction close",
            "influxdb_client.InfluxDBClient": "*",
            "influxdb.InfluxDBClient": "*",
            "clickhouse_connect": "get_client get_async_client",
            "clickhouse_connect.driver.client.Client": "*",
            "clickhouse_driver.Client": "execute execute_iter insert_dataframe query_dataframe",
            "asynch": "connect",
            "snowflake.connector": "connect",
            "snowflake.connector.connection.SnowflakeConnection": _CONNECTION,
            "snowflake.connector.cursor.SnowflakeCursor": _CURSOR,
            "databricks.sql": "connect",
            "trino.dbapi": "connect",
            "pyhive.hive": "connect",
            "duckdb": "connect sql query execute read_csv read_parquet read_json from_df",
            "duckdb.DuckDBPyConnection": "*",
            "pinecone.Pinecone": "*",
            "pinecone.Index": "*",
            "qdrant_client.QdrantClient": "*",
            "qdrant_client.AsyncQdrantClient": "*",
            "weaviate": "connect_to_local connect_to_custom connect_to_weaviate_cloud",
            "weaviate.Client": "*",
            "chromadb": "Client PersistentClient HttpClient AsyncHttpClient EphemeralClient",
            "chromadb.ClientAPI": "*",
            "pymilvus.MilvusClient": "*",
            "pymilvus.connections": "connect",
            "pymilvus.Collection": "*",
            "lancedb": "connect connect_async",
            "tinydb": "TinyDB",
            "etcd3": "client Etcd3Client",
            "consul.Consul": "*",
            "kazoo.client.KazooClient": "*",
            "hvac.Client": "*",
            "gspread": "service_account authorize oauth",
            "pyairtable.Api": "*",
            "supabase": "create_client",
            "supabase.Client": "*",
            "pyarrow.flight": "connect",
            "alembic.command": "*",
        },
        "foreign_await": {"aiocache": "*"},
    },
    pure={
        "psycopg": "sql.* rows.* types.* errors.* Error",
        "psycopg.Connection": "cursor set_autocommit",
        "psycopg.AsyncConnection": "cursor set_autocommit",
        "psycopg2.extensions.connection": "cursor set_session",
        "redis.Redis": "pipeline pubsub register_script from_url get_connection_kwargs"
        " connection_pool set_response_callback",
        "redis.asyncio.Redis": "pipeline pubsub register_script from_url"
        " get_connection_kwargs connection_pool",
        "redis.cluster.RedisCluster": "pipeline from_url",
        "redis.client.PubSub": "psubscribe_handlers",
        "elasticsearch.Elasticsearch": "options",
        "elasticsearch.AsyncElasticsearch": "options",
        "qdrant_client": "models.*",
        "prisma": "errors.* models.* types.*",
    },
    gives={
        "psycopg": {"psycopg.Connection": "connect"},
        "psycopg.Connection": {
            "psycopg.Connection": "connect",
            "psycopg.Cursor": "cursor execute",
            "context:?": "transaction",
        },
        "psycopg.AsyncConnection": {
            "coroutine:psycopg.AsyncConnection": "connect",
            "psycopg.AsyncCursor": "cursor",
            "coroutine:psycopg.AsyncCursor": "execute",
            "context:?": "transaction",
            "coroutine:?": "commit rollback close",
        },
        "psycopg.Cursor": {"~": "execute", "builtins.list": "fetchall fetchmany"},
        "psycopg.AsyncCursor": {
            "coroutine:~": "execute",
            "coroutine:builtins.list": "fetchall fetchmany",
            "coroutine:?": "fetchone",
        },
        "psycopg_pool.ConnectionPool": {"context:psycopg.Connection": "connection"},
        "psycopg_pool.AsyncConnectionPool": {"context:psycopg.AsyncConnection": "connection"},
        "psycopg2": {"psycopg2.extensions.connection": "connect"},
        "psycopg2.extensions.connection": {"psycopg2.extensions.cursor": "cursor"},
        "psycopg2.extensions.cursor": {"builtins.list": "fetchall fetchmany"},
        "psycopg2.pool.AbstractConnectionPool": {"psycopg2.extensions.connection": "getconn"},
        "asyncpg": {
            "coroutine:asyncpg.Connection": "connect",
            "context:asyncpg.Pool": "create_pool",
        },
        "asyncpg.Pool": {
            "context:asyncpg.Connection": "acquire",
            "coroutine:builtins.list": "fetch fetchmany",
            "coroutine:?": "fetchrow fetchval execute executemany release close",
        },
        "asyncpg.Connection": {
            "coroutine:builtins.list": "fetch fetchmany",
            "coroutine:?": "fetchrow fetchval execute executemany close",
            "asyncpg.transaction.Transaction": "transaction",
            "coroutine:asyncpg.prepared_stmt.PreparedStatement": "prepare",
        },
        "pymysql": {"pymysql.connections.Connection": "connect"},
        "pymysql.connections.Connection": {"pymysql.cursors.Cursor": "cursor"},
        "mysql.connector": {"mysql.connector.MySQLConnection": "connect"},
        "mysql.connector.MySQLConnection": {"mysql.connector.cursor.MySQLCursor": "cursor"},
        "pyodbc": {"pyodbc.Connection": "connect"},
        "pyodbc.Connection": {"pyodbc.Cursor": "cursor execute"},
        "oracledb": {"oracledb.Connection": "connect"},
        "oracledb.Connection": {"oracledb.Cursor": "cursor"},
        "aiosqlite": {"context:aiosqlite.Connection": "connect"},
        "aiosqlite.Connection": {
            "context:aiosqlite.Cursor": "execute executemany cursor",
            "coroutine:?": "commit rollback close",
        },
        "aiosqlite.Cursor": {
            "coroutine:builtins.list": "fetchall fetchmany",
            "coroutine:?": "fetchone",
        },
        "sqlalchemy": {"sqlalchemy.Engine": "create_engine engine_from_config"},
        "sqlalchemy.Engine": {
            "sqlalchemy.Connection": "connect",
            "context:sqlalchemy.Connection": "begin",
        },
        "sqlalchemy.ext.asyncio": {
            "sqlalchemy.ext.asyncio.AsyncEngine": "create_async_engine async_engine_from_config",
        },
        "sqlalchemy.ext.asyncio.AsyncEngine": {
            "context:sqlalchemy.ext.asyncio.AsyncConnection": "connect begin",
            "=sqlalchemy.Engine": "sync_engine",
            "coroutine:?": "dispose",
        },
        "sqlalchemy.orm.Session": {
            "sqlalchemy.orm.Query": "query",
            "context:?": "begin begin_nested",
        },
        "sqlalchemy.orm.Query": {
            "~": "filter filter_by order_by limit offset join outerjoin options distinct group_by"
            " having with_for_update select_from execution_options where yield_per",
        },
        "sqlalchemy.orm.sessionmaker": {
            "sqlalchemy.orm.Session": "__call__",
            "context:sqlalchemy.orm.Session": "begin",
        },
        "sqlalchemy.orm.scoped_session": {"sqlalchemy.orm.Session": "__call__"},
        "sqlalchemy.ext.asyncio.async_sessionmaker": {
            "sqlalchemy.ext.asyncio.AsyncSession": "__call__",
            "context:sqlalchemy.ext.asyncio.AsyncSession": "begin",
        },
        "sqlalchemy.ext.asyncio.AsyncSession": {"context:?": "begin begin_nested"},
        "redis": {"redis.Redis": "from_url"},
        "redis.asyncio": {"redis.asyncio.Redis": "from_url"},
        "redis.Redis": {
            "redis.Redis": "from_url",
            "redis.client.Pipeline": "pipeline",
            "redis.client.PubSub": "pubsub",
            "redis.lock.Lock": "lock",
            "builtins.set": "smembers sinter sunion sdiff",
        },
        "redis.asyncio.Redis": {
            "redis.asyncio.Redis": "from_url",
            "redis.asyncio.client.Pipeline": "pipeline",
            "redis.asyncio.client.PubSub": "pubsub",
            "redis.asyncio.lock.Lock": "lock",
            "coroutine:?": "get set delete hget hset hgetall incr decr expire exists lpush rpush"
            " lpop publish ping aclose close",
            "coroutine:builtins.set": "smembers sinter sunion sdiff",
        },
        "redis.client.Pipeline": {"~": "set get incr expire delete hset lpush rpush sadd zadd"},
        "pymongo.MongoClient": {
            "=pymongo.database.Database": "__getattr__",
            "pymongo.database.Database": "__getitem__ get_database get_default_database",
        },
        "pymongo.AsyncMongoClient": {
            "=pymongo.asynchronous.database.AsyncDatabase": "__getattr__",
            "pymongo.asynchronous.database.AsyncDatabase": "__getitem__ get_database"
            " get_default_database",
        },
        "pymongo.database.Database": {
            "=pymongo.collection.Collection": "__getattr__",
            "pymongo.collection.Collection": "__getitem__ get_collection",
        },
        "pymongo.asynchronous.database.AsyncDatabase": {
            "=pymongo.asynchronous.collection.AsyncCollection": "__getattr__",
            "pymongo.asynchronous.collection.AsyncCollection": "__getitem__ get_collection",
        },
        "pymongo.collection.Collection": {"pymongo.cursor.Cursor": "find aggregate"},
        "pymongo.cursor.Cursor": {"~": "sort limit skip batch_size hint"},
        "motor.motor_asyncio.AsyncIOMotorClient": {
            "=motor.motor_asyncio.AsyncIOMotorDatabase": "__getattr__",
            "motor.motor_asyncio.AsyncIOMotorDatabase": "__getitem__ get_database"
            " get_default_database",
        },
        "motor.motor_asyncio.AsyncIOMotorDatabase": {
            "=motor.motor_asyncio.AsyncIOMotorCollection": "__getattr__",
            "motor.motor_asyncio.AsyncIOMotorCollection": "__getitem__ get_collection",
        },
        "motor.motor_asyncio.AsyncIOMotorCollection": {
            "motor.motor_asyncio.AsyncIOMotorCursor": "find aggregate",
            "coroutine:?": "find_one insert_one insert_many update_one update_many delete_one"
            " delete_many count_documents",
        },
        "motor.motor_asyncio.AsyncIOMotorCursor": {
            "~": "sort limit skip",
            "coroutine:builtins.list": "to_list",
        },
        "neo4j.GraphDatabase": {"neo4j.Driver": "driver"},
        "neo4j.AsyncGraphDatabase": {"neo4j.AsyncDriver": "driver"},
        "neo4j.Driver": {"neo4j.Session": "session"},
        "neo4j.AsyncDriver": {"neo4j.AsyncSession": "session"},
        "cassandra.cluster.Cluster": {"cassandra.cluster.Session": "connect"},
        "snowflake.connector": {"snowflake.connector.connection.SnowflakeConnection": "connect"},
        "snowflake.connector.connection.SnowflakeConnection": {
            "snowflake.connector.cursor.SnowflakeCursor": "cursor",
        },
        "duckdb": {"duckdb.DuckDBPyConnection": "connect"},
        "clickhouse_connect": {"clickhouse_connect.driver.client.Client": "get_client"},
        "supabase": {"supabase.Client": "create_client"},
        "chromadb": {"chromadb.ClientAPI": "Client PersistentClient HttpClient"},
        "pinecone.Pinecone": {"pinecone.Index": "Index"},
    },
    bases={
        "psycopg2.extensions.connection": "",
        "psycopg2.extensions.cursor": "",
        "psycopg2.extras.DictCursor": "psycopg2.extensions.cursor",
        "psycopg2.extras.RealDictCursor": "psycopg2.extensions.cursor",
        "psycopg2.pool.SimpleConnectionPool": "psycopg2.pool.AbstractConnectionPool",
        "psycopg2.pool.ThreadedConnectionPool": "psycopg2.pool.AbstractConnectionPool",
        "psycopg_pool.NullConnectionPool": "psycopg_pool.ConnectionPool",
        "sqlalchemy.orm.sessionmaker": "",
        "sqlalchemy.orm.scoped_session": "sqlalchemy.orm.Session",
        "sqlalchemy.ext.asyncio.async_sessionmaker": "",
        "sqlalchemy.ext.asyncio.async_scoped_session": "sqlalchemy.ext.asyncio.AsyncSession",
        "sqlmodel.Session": "sqlalchemy.orm.Session",
        "sqlmodel.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
        "peewee.SqliteDatabase": "peewee.Database",
        "peewee.PostgresqlDatabase": "peewee.Database",
        "peewee.MySQLDatabase": "peewee.Database",
        "beanie.Document": "",
    },
    aliases={
        "psycopg.connection.Connection": "psycopg.Connection",
        "psycopg.connection_async.AsyncConnection": "psycopg.AsyncConnection",
        "psycopg.cursor.Cursor": "psycopg.Cursor",
        "psycopg_pool.pool": "psycopg_pool",
        "psycopg2._psycopg": "psycopg2.extensions",
        "asyncpg.pool.Pool": "asyncpg.Pool",
        "asyncpg.pool.create_pool": "asyncpg.create_pool",
        "asyncpg.connection": "asyncpg",
        "pymysql.Connection": "pymysql.connections.Connection",
        "mysql.connector.connection": "mysql.connector",
        "aiosqlite.core": "aiosqlite",
        "aiosqlite.cursor": "aiosqlite",
        "sqlalchemy.engine": "sqlalchemy",
        "sqlalchemy.engine.base": "sqlalchemy",
        "sqlalchemy.engine.create": "sqlalchemy",
        "sqlalchemy.orm.session": "sqlalchemy.orm",
        "sqlalchemy.orm.query": "sqlalchemy.orm",
        "sqlalchemy.orm.scoping": "sqlalchemy.orm",
        "sqlalchemy.ext.asyncio.engine": "sqlalchemy.ext.asyncio",
        "sqlalchemy.ext.asyncio.session": "sqlalchemy.ext.asyncio",
        "sqlalchemy.schema.MetaData": "sqlalchemy.MetaData",
        "sqlmodel.create_engine": "sqlalchemy.create_engine",
        "redis.StrictRedis": "redis.Redis",
        "redis.client.Redis": "redis.Redis",
        "redis.client.StrictRedis": "redis.Redis",
        "redis.asyncio.client.Redis": "redis.asyncio.Redis",
        "redis.asyncio.StrictRedis": "redis.asyncio.Redis",
        "redis.commands.core": "redis",
        "redis.RedisCluster": "redis.cluster.RedisCluster",
        "aioredis.from_url": "redis.asyncio.from_url",
        "aioredis.Redis": "redis.asyncio.Redis",
        "pymongo.mongo_client.MongoClient": "pymongo.MongoClient",
        "pymongo.synchronous.mongo_client.MongoClient": "pymongo.MongoClient",
        "pymongo.synchronous.collection": "pymongo.collection",
        "pymongo.synchronous.database": "pymongo.database",
        "pymongo.asynchronous.mongo_client.AsyncMongoClient": "pymongo.AsyncMongoClient",
        "motor.core": "motor.motor_asyncio",
        "neo4j.graph": "neo4j",
        "pymemcache.Client": "pymemcache.client.base.Client",
        "pymemcache.PooledClient": "pymemcache.client.base.PooledClient",
        "pymemcache.HashClient": "pymemcache.client.hash.HashClient",
        "elasticsearch.client": "elasticsearch",
        "qdrant_client.qdrant_client": "qdrant_client",
        "qdrant_client.async_qdrant_client": "qdrant_client",
    },
)
