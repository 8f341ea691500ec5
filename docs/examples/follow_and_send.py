"""Follows the status of every workflow and stops one workflow by a command, with the stock client.

usage: follow_and_send.py KAFKA REGISTRY_URL KEYSPACE WORKFLOW      (pip install "confluent-kafka[avro]")
"""
import sys, time, uuid
from confluent_kafka import Consumer, Producer
from confluent_kafka.schema_registry import SchemaRegistryClient, record_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

kafka, url, keyspace, workflow = sys.argv[1:]
registry, key = SchemaRegistryClient({"url": url}), f"{keyspace}.{workflow}"

schema = registry.get_latest_version("dev.shunt.WorkflowUpdate").schema
serialize = AvroSerializer(registry, schema, conf={
    "auto.register.schemas": False, "subject.name.strategy": record_subject_name_strategy})
command = {
    "header": {"commandId": str(uuid.uuid4()), "keyspace": keyspace, "workflow": workflow, "issuer": "example",
               "reason": "maintenance", "expectedVersion": None, "dryRun": False, "issuedAt": int(time.time() * 1000)},
    "state": "STOPPED", "cells": None, "tabletTypes": None, "tabletTypesInOrder": None, "onDdl": None,
    "shards": [], "configOverrides": {}}
# The partitioner of the Java clients: a command must lie in the partition of its workflow.
producer = Producer({"bootstrap.servers": kafka, "partitioner": "murmur2_random"})
producer.produce("shunt.commands", key=key,
                 value=serialize(command, SerializationContext("shunt.commands", MessageField.VALUE)))
producer.flush()

deserialize = AvroDeserializer(registry)
consumer = Consumer({"bootstrap.servers": kafka, "group.id": str(uuid.uuid4()), "auto.offset.reset": "earliest",
                     "isolation.level": "read_committed"})
consumer.subscribe(["shunt.workflows"])
deadline = time.time() + 30
while time.time() < deadline:
    message = consumer.poll(1)
    if message is None or message.error() or message.value() is None:
        continue
    status = deserialize(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
    outcome = status["lastOutcome"]
    print(message.key().decode(), "version", status["version"], status["phase"], outcome and outcome["kind"], flush=True)
    if outcome and outcome["commandId"] == command["header"]["commandId"]:
        sys.exit(0 if outcome["kind"] == "SUCCEEDED" else 1)
sys.exit("no outcome within 30 s")
