"""Lets a test drive kafka-python: a command a line on stdin as JSON, an answer a line on stdout behind "@".

python3 agent.py <bootstrap servers> [<api version, such as 0.11>]
"""
import base64
import json
import sys
import threading
import traceback

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic

from codecs_here import codecs

SERVERS = sys.argv[1].split(",")
VERSION = {"api_version": tuple(int(part) for part in sys.argv[2].split("."))} if len(sys.argv) > 2 else {}
LONG_MS = 120_000  # a busy machine is no fault of the broker
COMMON = {"bootstrap_servers": SERVERS, "request_timeout_ms": LONG_MS, "api_version_auto_timeout_ms": LONG_MS, **VERSION}


def data(text):
    return None if text is None else base64.b64decode(text)


def text(value):
    return None if value is None else base64.b64encode(value).decode()


def record(message):
    return {
        "o": message.offset, "k": text(message.key), "v": text(message.value),
        "h": [[name, text(value)] for name, value in message.headers], "t": message.timestamp,
    }


class Member:
    """A member of a group, polled on a thread of its own as the library wants it."""

    def __init__(self, group, topic, session):
        self.received = []
        self.next = {}
        self.assigned = []
        self.error = None
        self.leaving = threading.Event()
        self.consumer = KafkaConsumer(
            topic, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
            session_timeout_ms=session, heartbeat_interval_ms=300, fetch_max_wait_ms=200, **{**COMMON, "request_timeout_ms": 2 * LONG_MS})
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            self.poll()
            self.consumer.commit()
        except Exception as error:  # told to who looks next, or nothing would come any more and nobody knew why
            self.error = error
        finally:
            self.consumer.close()

    def poll(self):
        while not self.leaving.is_set():
            for partition, messages in self.consumer.poll(timeout_ms=100).items():
                for message in messages:
                    self.received.append([message.partition, message.offset, text(message.value)])
                    self.next[message.partition] = message.offset + 1
                self.consumer.commit_async()
            self.assigned = [partition.partition for partition in self.consumer.assignment()]

    def view(self):
        self.check()
        return {"assigned": self.assigned, "received": list(self.received)}

    def leave(self):
        self.leaving.set()
        self.thread.join()
        self.check()
        return list(self.next.items())

    def check(self):
        if self.error is not None:
            raise self.error


class Driver:
    def __init__(self):
        self.traits = {"client": "kafka-python", "codecs": codecs(), "nullHeaders": False, "idempotent": False}
        self.making = threading.Lock()
        self.producers = {}
        self.members = {}
        self.admin_client = None

    @property
    def admin(self):
        with self.making:
            if self.admin_client is None:
                self.admin_client = KafkaAdminClient(**COMMON)
            return self.admin_client

    def producer(self, codec):
        with self.making:
            if codec not in self.producers:
                self.producers[codec] = KafkaProducer(
                    acks="all", linger_ms=20, batch_size=1 << 20, max_request_size=4 << 20, max_block_ms=LONG_MS,
                    buffer_memory=128 << 20,  # a batch for each of 100 partitions
                    compression_type=None if codec == "none" else codec, **COMMON)
            return self.producers[codec]

    def produce(self, topic, partition, codec, records, idempotent=False):
        producer = self.producer(codec)
        sent = [
            producer.send(topic, partition=partition, key=data(r["k"]), value=data(r["v"]), timestamp_ms=r["t"],
                          headers=[(name, data(value)) for name, value in r["h"]])
            for r in records]
        producer.flush()
        for one in sent:
            one.get(timeout=LONG_MS / 1000)

    def consume(self, topic, count, group=None):
        consumer = KafkaConsumer(auto_offset_reset="earliest", enable_auto_commit=False, fetch_max_wait_ms=200, **COMMON)
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        consumer.seek_to_beginning(partition)
        read = []
        while len(read) < count:
            for messages in consumer.poll(timeout_ms=500).values():
                read += [record(message) for message in messages]
        consumer.close()
        return read[:count]

    def join(self, group, topic, member, session):
        self.members[member] = Member(group, topic, session)

    def view(self, member):
        return self.members[member].view()

    def leave(self, member):
        return self.members.pop(member).leave()

    def createTopic(self, topic, partitions, configs):
        self.admin.create_topics([NewTopic(topic, partitions, 1, topic_configs=configs)])

    def deleteTopic(self, topic):
        self.admin.delete_topics([topic])

    def topics(self):
        return self.admin.list_topics()

    def partitions(self, topic):
        consumer = KafkaConsumer(**COMMON)
        try:
            return len(consumer.partitions_for_topic(topic))
        finally:
            consumer.close()

    def topicConfig(self, topic, name):
        answers = self.admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {name: None})])
        return next(entry[1] for answer in answers for resource in answer.resources for entry in resource[4] if entry[0] == name)

    def offsets(self, topic, timestamp):
        consumer = KafkaConsumer(**COMMON)
        partition = TopicPartition(topic, 0)
        at = consumer.offsets_for_times({partition: timestamp})[partition]
        found = {
            "low": consumer.beginning_offsets([partition])[partition], "high": consumer.end_offsets([partition])[partition],
            "at": -1 if at is None else at.offset}
        consumer.close()
        return found

    def groups(self):
        return [name for name, _ in self.admin.list_consumer_groups()]

    def groupMembers(self, group):
        return len(self.admin.describe_consumer_groups([group])[0].members)

    def committed(self, group, topic, partition):
        found = self.admin.list_consumer_group_offsets(group).get(TopicPartition(topic, partition))
        return -1 if found is None else found.offset

    def deleteGroup(self, group):
        self.admin.delete_consumer_groups([group])


OUTPUT = threading.Lock()


def answer(message):
    with OUTPUT:
        sys.stdout.write("@" + json.dumps(message) + "\n")
        sys.stdout.flush()


def work(driver, command):
    number, operation = command.pop("id"), command.pop("op")
    try:
        answer({"id": number, "result": getattr(driver, operation)(**command)})
    except Exception:  # every failure is the test's to judge
        answer({"id": number, "error": traceback.format_exc()})


def main():
    driver = Driver()
    answer({"id": 0, "result": driver.traits})
    for line in sys.stdin:
        # Producers and members may be used at the same time; a thread each keeps a waiting command from blocking the others.
        threading.Thread(target=work, args=(driver, json.loads(line)), daemon=True).start()


main()
