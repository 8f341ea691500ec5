"""Stops a workflow by a command, then follows every workflow's status until the command's outcome is there.

usage: follow_and_send.py KAFKA REGISTRY_URL KEYSPACE WORKFLOW     (pip install "confluent-kafka[avro,schemaregistry]")
"""
import sys, uuid
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
consumer = DeserializingConsumer({"bootstrap.servers": kafka, "group.id": command, "auto.offset.reset": "earliest",
                                  "value.deserializer": AvroDeserializer(registry)})
consumer.subscribe(["shunt.workflows"])
while message := consumer.poll(30):
    status = message.value() or {}
    print(message.key().decode(), "version", status.get("version"), status.get("phase"), flush=True)
    if (outcome := status.get("lastOutcome")) and outcome["commandId"] == command:
        sys.exit(outcome["kind"] != "SUCCEEDED")
sys.exit("no outcome within 30 s")
