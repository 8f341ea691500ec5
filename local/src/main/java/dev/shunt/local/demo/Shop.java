package dev.shunt.local.demo;

import java.util.List;
import java.util.SplittableRandom;
import vschema.Vschema;

/**
 * The tables of the shop and their rows. The same size gives the same rows, whenever and wherever
 * they are made: row i is a function of i alone.
 *
 * @param orders rows of the largest table, at least 100
 */
record Shop(long orders) {
  static final List<String> TABLES = List.of("corder", "customer", "product");

  /** The fewest that it can have. */
  static final long LEAST_ORDERS = 100;

  /** The comments of all its tables begin so; that of {@code corder} says how far it is loaded. */
  static final String COMMENT = "of the shop";

  static final String UNFINISHED = COMMENT + ", being loaded";

  /** Orders that the writers place have ids from here on; the loaded ones stay below. */
  static final long FIRST_WRITTEN_ORDER = 1_000_000_000L;

  private static final String[] STATES = {"placed", "paid", "sent", "returned"};
  private static final String[] STATUSES = {"active", "blocked", "gone"};
  private static final String[] FLAGS = {"", "newsletter", "vip", "newsletter,vip", "b2b"};

  Shop {
    if (orders < LEAST_ORDERS) {
      throw new IllegalArgumentException("a shop has at least 100 orders, not " + orders);
    }
  }

  long customers() {
    return orders / 4;
  }

  long products() {
    return orders / 20;
  }

  /** Comment of table {@code corder} when all tables are loaded. */
  String finished() {
    return "%s with %d orders".formatted(COMMENT, orders);
  }

  /** The tables, {@code corder} first: where it is not, none is. */
  static List<String> schema() {
    return List.of(
        """
        create table corder (
          order_id bigint unsigned not null,
          customer_id bigint unsigned not null,
          product_id int unsigned not null,
          quantity smallint not null,
          price decimal(10,2) not null,
          state enum('placed','paid','sent','returned') not null default 'placed',
          placed_at timestamp(3) not null default current_timestamp(3),
          note text,
          primary key (order_id),
          key customer_placed (customer_id, placed_at)
        ) engine=InnoDB default charset=utf8mb4 comment='of the shop, being loaded'\
        """,
        """
        create table customer (
          customer_id bigint unsigned not null,
          email varchar(128) not null,
          name varchar(64) not null,
          status enum('active','blocked','gone') not null default 'active',
          flags set('newsletter','vip','b2b') not null default '',
          balance decimal(14,2) not null default 0.00,
          orders_placed int unsigned not null default 0,
          born date,
          created_at datetime(3) not null,
          updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6),
          profile json,
          token varbinary(16),
          bits bit(12),
          score double,
          primary key (customer_id),
          unique key email (email),
          key status_created (status, created_at)
        ) engine=InnoDB default charset=utf8mb4 comment='of the shop'\
        """,
        """
        create table product (
          product_id int unsigned not null,
          sku char(12) not null,
          title varchar(100) not null,
          price decimal(10,2) not null,
          weight float,
          available tinyint(1) not null default 1,
          launched year,
          opens time,
          picture blob,
          primary key (product_id),
          unique key sku (sku)
        ) engine=InnoDB default charset=utf8mb4 comment='of the shop'\
        """);
  }

  /** How the sharded keyspace spreads the tables: orders lie beside their customer. */
  static Vschema.Keyspace vschema() {
    return Vschema.Keyspace.newBuilder()
        .setSharded(true)
        .putVindexes("hash", Vschema.Vindex.newBuilder().setType("hash").build())
        .putTables("customer", shardedBy("customer_id"))
        .putTables("corder", shardedBy("customer_id"))
        .putTables("product", shardedBy("product_id"))
        .build();
  }

  private static Vschema.Table shardedBy(String column) {
    return Vschema.Table.newBuilder()
        .addColumnVindexes(Vschema.ColumnVindex.newBuilder().setName("hash").addColumns(column))
        .build();
  }

  /** Values of rows {@code from} (included) to {@code to} (not included) of a table, as SQL. */
  String insert(String table, long from, long to) {
    StringBuilder sql = new StringBuilder(256 * (int) (to - from));
    sql.append("insert into ").append(table).append(columns(table)).append(" values ");
    for (long i = from; i < to; i++) {
      sql.append(i == from ? "(" : ",(");
      switch (table) {
        case "customer" -> customer(sql, i);
        case "corder" -> order(sql, i);
        case "product" -> product(sql, i);
        default -> throw new IllegalArgumentException("no such table: " + table);
      }
      sql.append(')');
    }
    return sql.toString();
  }

  long rows(String table) {
    return switch (table) {
      case "customer" -> customers();
      case "corder" -> orders;
      case "product" -> products();
      default -> throw new IllegalArgumentException("no such table: " + table);
    };
  }

  private static String columns(String table) {
    return switch (table) {
      case "customer" ->
          " (customer_id,email,name,status,flags,balance,born,created_at,updated_at,profile,token,bits,score)";
      case "corder" -> " (order_id,customer_id,product_id,quantity,price,state,placed_at,note)";
      case "product" -> " (product_id,sku,title,price,weight,available,launched,opens,picture)";
      default -> throw new IllegalArgumentException("no such table: " + table);
    };
  }

  private static void customer(StringBuilder sql, long i) {
    SplittableRandom random = new SplittableRandom(i * 3 + 1);
    long id = i + 1;
    sql.append(id).append(",'c").append(id).append("@example.com','Zoë Müller ").append(id);
    sql.append("','").append(STATUSES[random.nextInt(3)]).append("','");
    sql.append(FLAGS[random.nextInt(FLAGS.length)]).append("',").append(balanceCents(i) / 100);
    sql.append('.').append(twoDigits(balanceCents(i) % 100)).append(",'");
    sql.append(1940 + random.nextInt(70)).append('-').append(twoDigits(1 + random.nextInt(12)));
    sql.append('-').append(twoDigits(1 + random.nextInt(28))).append("','2026-01-");
    sql.append(twoDigits(1 + random.nextInt(28))).append(" 10:11:12.").append(100 + i % 900);
    sql.append("','2026-02-01 00:00:00.").append(100_000 + i % 900_000).append("',");
    sql.append("'{\"level\": ")
        .append(random.nextInt(10))
        .append(", \"langs\": [\"de\", \"fr\"]}',");
    sql.append("x'").append("%016x".formatted(random.nextLong())).append("',b'");
    sql.append(Integer.toBinaryString(random.nextInt(4096))).append("',");
    sql.append(random.nextInt(1_000_000) / 64.0);
  }

  /** Balance of customer row i before anybody writes, in cents. */
  static long balanceCents(long i) {
    return new SplittableRandom(i * 3 + 2).nextLong(1_000_000);
  }

  /** Order row i: its customer, its product and its price. */
  Ledger.Order order(long i) {
    return order(orderValues(i));
  }

  private Ledger.Order order(SplittableRandom random) {
    return new Ledger.Order(
        1 + random.nextLong(customers()),
        1 + random.nextLong(products()),
        random.nextLong(100_000));
  }

  private static SplittableRandom orderValues(long i) {
    return new SplittableRandom(i * 5 + 3);
  }

  private void order(StringBuilder sql, long i) {
    SplittableRandom random = orderValues(i);
    Ledger.Order order = order(random);
    sql.append(i + 1).append(',').append(order.customer()).append(',').append(order.product());
    sql.append(',').append(1 + random.nextInt(9)).append(',').append(order.cents() / 100);
    sql.append('.').append(twoDigits(order.cents() % 100));
    sql.append(",'").append(STATES[random.nextInt(4)]).append("','2026-03-");
    sql.append(twoDigits(1 + random.nextInt(28))).append(" 12:00:00.").append(100 + i % 900);
    if (i % 7 == 0) {
      sql.append("',null");
    } else {
      sql.append("','it''s order ").append(i).append("; tab\\t, back\\\\slash, 日本'");
    }
  }

  private static void product(StringBuilder sql, long i) {
    SplittableRandom random = new SplittableRandom(i * 7 + 5);
    sql.append(i + 1).append(",'SKU").append("%08d".formatted(i)).append("','Thing ").append(i);
    sql.append("',").append(random.nextInt(500)).append('.').append(twoDigits(random.nextInt(100)));
    sql.append(',').append(random.nextInt(100_000) / 8.0f).append(',').append(random.nextInt(2));
    sql.append(',').append(2000 + random.nextInt(27)).append(",'0").append(random.nextInt(10));
    sql.append(":30:00',x'").append("00ff27").append("%016x".formatted(random.nextLong()));
    sql.append("'");
  }

  private static String twoDigits(long number) {
    return number < 10 ? "0" + number : Long.toString(number);
  }
}
