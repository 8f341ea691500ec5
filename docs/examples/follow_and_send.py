"""Stops a workflow by a command and follows every workflow's status until the command has ended and nothing is new.

usage: follow_and_send.py KAFKA REGISTRY_URL KEYSPACE WORKFLOW     (pip install "confluent-kafka[avro,schemaregistry]")
Exits with 0 when the command succeeded, with 1 and the reason when it was refused, failed or has not ended in time.
"""
import sys, time, uuid
from confluent_kafka import DeserializingConsumer, SerializingProducer
from confluent_kafka.schema_registry import SchemaRegistryClient, record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer

(kafka, url, keyspace, workflow), command = sys.argv[1:], str(uuid.uuid4())
registry = SchemaRegistryClient({"url": url})
serializer = AvroSerializer(registry, registry.get_latest_version("dev.shunt.WorkflowUpdate").schema,
                            conf={"auto.register.schemas": False, "subject.name.strategy": record_subject_name_strategy})
producer = SerializingProducer({"bootstrap.servers": kafka, "partitioner": "murmur2_random",
                                "value.serializer": serializer})
producer.produce("shunt.commands", key=f"{keyspace}.{workflow}", value={
    "header": {"commandId": command, "keyspace": keyspace, "workflow": workflow}, "state": "STOPPED"})
producer.flush()

# shunt.workflows has the last status of each workflow under its key, shunt.workflows.shards under KEYSPACE.WORKFLOW/SHARD
# the streams into a target shard; those count that the status names in "shards". shunt.events has what became of each
# command.
consumer = DeserializingConsumer({"bootstrap.servers": kafka, "group.id": command, "auto.offset.reset": "earliest",
                                  "enable.auto.commit": False, "value.deserializer": AvroDeserializer(registry)})
consumer.subscribe(["shunt.workflows", "shunt.workflows.shards", "shunt.events"])
end, deadline = None, time.monotonic() + 60
while time.monotonic() < deadline:
    message = consumer.poll(1)
    if message is None:  # nothing new; a tombstone is a message too, whose value is None
        if end:
            break
        continue
    key, value = message.key().decode(), message.value()
    if message.topic() != "shunt.events":
        if value is None:
            words = "gone"
        elif "/" in key:
            words = "streams " + " ".join(stream["state"] for stream in value["streams"])
        else:
            words = f"version {value['version']} {value['phase']} on {len(value.get('shards', []))} shards"
        print(key, words, flush=True)
    elif value is not None and value["header"]["commandId"] == command and "commandType" in value:
        if "summary" in value:  # CommandSucceeded
            end = 0, value["summary"]
        elif "code" in value:  # CommandRefused, CommandFailed
            end = 1, f"{value['code']}: {value['message']}"
        if end:  # what has stood on shunt.workflows may still be on its way
            deadline = time.monotonic() + 10
consumer.close()
status, words = end or (1, f"command {command} has not ended within 60 s")
print(words, file=sys.stderr if status else sys.stdout)
sys.exit(status)
