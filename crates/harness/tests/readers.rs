//! Readers of user files: what is read, and what is said of files that cannot be used.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use polars::prelude::*;
use regpath_harness::dataset::read::{self, InputError, RowFiles, TableOptions};
use regpath_harness::dataset::{Dataset, Matrix};
use tempfile::TempDir;

/// A directory with files, removed at the end of the test.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    fn gzip(&self, name: &str, content: &str) -> PathBuf {
        self.write(name, gzip(content))
    }
}

fn gzip(content: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn table(path: &Path) -> anyhow::Result<Dataset> {
    read::table(path, "y", &TableOptions::default())
}

/// The columns of X, dense or sparse.
fn columns(data: &Dataset) -> Vec<Vec<f64>> {
    let column = |j| match &data.x {
        Matrix::Dense(x) => x.col_as_slice(j).to_vec(),
        Matrix::Sparse(x) => {
            let mut column = vec![0.0; x.nrows()];
            let (rows, values) = x.column(j);
            rows.iter()
                .zip(values)
                .for_each(|(&i, &v)| column[i as usize] = v);
            column
        }
    };
    (0..data.x.ncols()).map(column).collect()
}

/// The user's error, which is one line and contains every part.
#[track_caller]
fn refused(result: anyhow::Result<Dataset>, parts: &[&str]) {
    let error = result.expect_err("the file should be refused");
    let message = &error.downcast_ref::<InputError>().expect("an InputError").0;
    assert!(
        !message.contains(char::is_control),
        "more than one line: {message}"
    );
    for part in parts {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
}

const SMALL: &str = "a,y,b\n1,2,3\n4,5,6\n-7.5,8e0,.9\n";

#[track_caller]
fn is_small(data: &Dataset) {
    assert_eq!(columns(data), [[1.0, 4.0, -7.5], [3.0, 6.0, 0.9]]);
    assert_eq!(data.y, [2.0, 5.0, 8.0]);
    assert_eq!(data.features, ["a", "b"]);
    assert_eq!(data.response, "y");
    assert!(data.reference.is_none() && data.seed.is_none());
}

#[test]
fn text_tables_are_read_in_every_dress() {
    let files = Files::new();
    let plain = table(&files.write("t.csv", SMALL)).unwrap();
    is_small(&plain);
    assert_eq!(plain.name, "t.csv");
    let dresses = [
        ("crlf.csv", SMALL.replace('\n', "\r\n")),
        ("cr.CSV", SMALL.replace('\n', "\r")),
        ("mixed.csv", "a,y,b\r\n1,2,3\r4,5,6\n-7.5,8e0,.9".into()),
        ("bom.csv", format!("\u{feff}{SMALL}")),
        ("blank.csv", format!("\n{SMALL}\n  \r\n\n")),
        (
            "quoted.csv",
            "\"a\" ,\"y\",b\n\"1\",2, \"3\"\n4 , 5,\"6\"\n-7.5,8,0.9\n".into(),
        ),
        ("t.tsv", SMALL.replace(',', "\t")),
        ("t.tab", SMALL.replace(',', "\t")),
    ];
    for (name, content) in dresses {
        is_small(&table(&files.write(name, content)).unwrap());
    }
    is_small(&table(&files.gzip("t.csv.gz", SMALL)).unwrap());
    is_small(&table(&files.gzip("t.tsv.gz", &SMALL.replace(',', "\t"))).unwrap());
    let two_members = [gzip("a,y,b\n1,2,3\n4,"), gzip("5,6\n-7.5,8,.9\n")].concat();
    is_small(&table(&files.write("members.csv.gz", two_members)).unwrap());
}

#[test]
fn rows_and_columns_can_be_chosen() {
    let files = Files::new();
    let path = files.write(
        "t.csv",
        "id,a,train,y\nfirst,1,1,10\nsecond,2,0,20\nthird,6,1,30\n",
    );
    let options = TableOptions {
        rows: Some(("train".into(), 1.0)),
        drop: vec!["id".into()],
        reference_all: true,
        ..TableOptions::default()
    };
    let data = read::table(&path, "y", &options).unwrap();
    assert_eq!(columns(&data), [[1.0, 6.0]]);
    assert_eq!(
        (data.y, data.features),
        (vec![10.0, 30.0], vec!["a".to_owned()])
    );
    let reference = data.reference.unwrap();
    assert!((reference.mean[0] - 3.0).abs() < 1e-15);
    assert!((reference.sd[0] - (14.0f64 / 3.0).sqrt()).abs() < 1e-15);

    let few = TableOptions {
        rows: Some(("train".into(), 0.0)),
        ..options.clone()
    };
    refused(
        read::table(&path, "y", &few),
        &["t.csv", "1 of 3 rows", "\"train\" = 0", "at least 2"],
    );
    let unknown = TableOptions {
        drop: vec!["idd".into()],
        ..options.clone()
    };
    refused(
        read::table(&path, "y", &unknown),
        &["t.csv", "line 1", "\"idd\"", "did you mean \"id\""],
    );
    let response = TableOptions {
        drop: vec!["y".into()],
        ..options.clone()
    };
    refused(
        read::table(&path, "y", &response),
        &["t.csv", "\"y\"", "response"],
    );
    let none = TableOptions {
        drop: vec!["id".into(), "a".into()],
        ..options
    };
    refused(read::table(&path, "y", &none), &["t.csv", "no feature"]);
}

/// Columns w, o and f are weights, offset and folds.
fn roles() -> TableOptions {
    let own = |name: &str| Some(name.to_owned());
    TableOptions {
        weights: own("w"),
        offset: own("o"),
        folds: own("f"),
        ..TableOptions::default()
    }
}

#[test]
fn weights_offset_and_folds_are_columns_that_are_no_features() {
    let files = Files::new();
    let path = files.write(
        "t.csv",
        "w,a,f,o,y,train\n2,1,b,-1,1,1\n NA,5,,x,2,0\n0,2,a,\"0.5\",3,1\n1e-3,3,b,7,4,1\n",
    );
    let options = TableOptions {
        rows: Some(("train".into(), 1.0)),
        ..roles()
    };
    // The row that is not kept has none of them.
    let data = read::table(&path, "y", &options).unwrap();
    assert_eq!(columns(&data), [[1.0, 2.0, 3.0]]);
    assert_eq!(data.features, ["a"]);
    assert_eq!(data.weights, Some(vec![2.0, 0.0, 1e-3]));
    assert_eq!(data.offset, Some(vec![-1.0, 0.5, 7.0]));
    assert_eq!(data.folds, Some(vec![0, 1, 0]));

    let numbered = files.write("t.csv", "f,a,y\n10,1,1\n9,2,2\n1e1,3,3\n-1,4,4\n");
    let folds = TableOptions {
        folds: Some("f".into()),
        ..TableOptions::default()
    };
    let data = read::table(&numbered, "y", &folds).unwrap();
    assert_eq!(data.folds, Some(vec![2, 1, 2, 0]));
    assert!(data.weights.is_none() && data.offset.is_none());

    let path = files.path("t.parquet");
    let third = 1.0 / 3.0;
    write_parquet(
        &path,
        vec![
            Column::new("w".into(), [Some(third), None, Some(1e-300)]),
            Column::new("a".into(), [1.0, 2.0, 3.0]),
            Column::new("f".into(), [Some("v"), None, Some("u")]),
            Column::new("o".into(), [1_i64, 2, -3]),
            Column::new("y".into(), [1.0, 2.0, 4.0]),
            Column::new("train".into(), [true, false, true]),
        ],
    );
    let data = read::table(&path, "y", &options).unwrap();
    assert_eq!(data.weights, Some(vec![third, 1e-300]));
    assert_eq!(data.offset, Some(vec![1.0, -3.0]));
    assert_eq!(data.folds, Some(vec![0, 1]));
    assert_eq!(columns(&data), [[1.0, 3.0]]);
}

#[test]
fn bad_weights_offsets_and_folds_are_refused() {
    let files = Files::new();
    let cases: &[(&str, &[&str])] = &[
        ("-1,0,1", &["line 3", "column \"w\"", "\"-1\"", "negative"]),
        (
            "x,0,1",
            &["line 3", "column \"w\"", "\"x\"", "not a number"],
        ),
        ("NaN,0,1", &["line 3", "column \"w\"", "\"NaN\"", "missing"]),
        ("inf,0,1", &["line 3", "column \"w\"", "infinite"]),
        (",0,1", &["line 3", "column \"w\"", "missing"]),
        ("1,,1", &["line 3", "column \"o\"", "missing"]),
        ("1,1e151,1", &["line 3", "column \"o\"", "1e150"]),
        ("1,0,", &["line 3", "column \"f\"", "missing"]),
        ("1,0,0", &["column \"f\"", "fold \"0\"", "at least 2"]),
        ("0,0,1", &["column \"w\"", "every weight is 0"]),
    ];
    for (row, parts) in cases {
        let path = files.write("t.csv", format!("a,y,w,o,f\n1,2,0,0,0\n3,4,{row}\n"));
        let result = read::table(&path, "y", &roles());
        refused(result, &[&["t.csv"], *parts].concat());
    }
    let path = files.write("t.csv", "a,y,w,o,f\n1,2,1,1,1\n3,4,1,1,2\n");
    let with = |options: TableOptions, parts: &[&str]| {
        refused(
            read::table(&path, "y", &options),
            &[&["t.csv", "line 1"], parts].concat(),
        );
    };
    let own = |name: &str| Some(name.to_owned());
    let twice = TableOptions {
        offset: own("w"),
        ..roles()
    };
    with(twice, &["\"w\"", "the offset and the weights"]);
    let response = TableOptions {
        folds: own("y"),
        ..roles()
    };
    with(response, &["\"y\"", "the folds and the response"]);
    let dropped = TableOptions {
        drop: vec!["o".into()],
        ..roles()
    };
    with(dropped, &["\"o\"", "the offset and dropped"]);
    let unknown = TableOptions {
        weights: own("W"),
        ..roles()
    };
    with(unknown, &["\"W\"", "did you mean \"w\""]);
    let nothing = TableOptions {
        drop: vec!["a".into()],
        ..roles()
    };
    with(nothing, &["no feature"]);

    let path = files.path("t.parquet");
    let table = |w: Column, f: Column| {
        let a = Column::new("a".into(), [1.0, 2.0]);
        let (y, o) = (a.clone().with_name("y".into()), a.clone());
        write_parquet(&path, vec![a, y, o.with_name("o".into()), w, f]);
        read::table(&path, "y", &roles())
    };
    let w = |cells: [Option<f64>; 2]| Column::new("w".into(), cells);
    let f = || Column::new("f".into(), ["u", "v"]);
    assert!(table(w([Some(1.0), Some(0.0)]), f()).is_ok());
    refused(
        table(w([Some(1.0), Some(-2.0)]), f()),
        &["t.parquet", "row 2", "column \"w\"", "-2", "negative"],
    );
    refused(
        table(w([Some(1.0), None]), f()),
        &["t.parquet", "row 2", "column \"w\"", "null"],
    );
    refused(
        table(w([Some(0.0); 2]), f()),
        &["t.parquet", "column \"w\"", "every weight is 0"],
    );
    refused(
        table(w([Some(1.0); 2]), Column::new("f".into(), [7_i64, 7])),
        &["t.parquet", "column \"f\"", "fold \"7\""],
    );
    let words = Column::new("w".into(), ["u", "v"]);
    refused(
        table(words, f()),
        &["t.parquet", "column \"w\"", "expected numbers"],
    );
}

#[test]
fn a_bad_cell_is_named_by_line_column_and_value() {
    let files = Files::new();
    let cases: &[(&str, &[&str])] = &[
        (
            "a,y\n1,2\nx,4\n",
            &["line 3", "column \"a\"", "value \"x\"", "not a number"],
        ),
        (
            "a,y\r\n1,2\r\n3,oops\r\n",
            &["line 3", "column \"y\"", "value \"oops\""],
        ),
        (
            "a,y\r1,2\r3,\r",
            &["line 3", "column \"y\"", "value \"\"", "missing"],
        ),
        (
            "\n\na,y\n\n1,2\nNA,3\n",
            &["line 6", "column \"a\"", "value \"NA\"", "missing"],
        ),
        (
            "a,y\n1,2\nNaN,3\n",
            &["line 3", "column \"a\"", "value \"NaN\"", "missing"],
        ),
        (
            "a,y\n1,2\n-inf,3\n",
            &["line 3", "column \"a\"", "value \"-inf\"", "infinite"],
        ),
        (
            "a,y\n1,2\n1e200,3\n",
            &[
                "line 3",
                "column \"a\"",
                "value \"1e200\"",
                "1e150",
                "rescale",
            ],
        ),
        (
            "a,y\n1,2\n1e999,3\n",
            &["line 3", "column \"a\"", "value \"1e999\"", "1e150"],
        ),
        (
            "a,y\n1,2\n\"1,5\",3\n",
            &["line 3", "column \"a\"", "value \"1,5\"", "decimal point"],
        ),
        ("a,y\n1,2\n3\n", &["line 3", "1 cell under a header of 2"]),
        (
            "a,y\n1,2\n3,4,5\n",
            &["line 3", "3 cells under a header of 2"],
        ),
        (
            "a,b,y\n1,2,3\n4,,5,6\n",
            &["line 3", "4 cells under a header of 3"],
        ),
        ("a,y\n1,2\n\"3,4\n", &["line 3", "cell 1", "quote"]),
        ("a,y\n1,2\n\"3\"x,4\n", &["line 3", "cell 1", "quote"]),
    ];
    for (content, parts) in cases {
        let path = files.write("bad.csv", content);
        refused(table(&path), &[&["bad.csv"], *parts].concat());
        refused(
            table(&files.gzip("bad.csv.gz", content)),
            &[&["bad.csv.gz"], *parts].concat(),
        );
    }
}

#[test]
fn a_bad_header_is_refused() {
    let files = Files::new();
    let cases: &[(&str, &[&str])] = &[
        ("", &["is empty"]),
        ("\n  \n", &["is empty"]),
        ("a,y\n", &["0 data rows", "at least 2"]),
        ("a,y\n1,2\n\n", &["1 data row;", "at least 2"]),
        (
            "a,b,Y\n1,2,3\n1,2,3\n",
            &[
                "line 1",
                "no column \"y\"",
                "did you mean \"Y\"",
                "\"a\", \"b\", \"Y\"",
            ],
        ),
        (
            "a,y,a\n1,2,3\n1,2,3\n",
            &["line 1", "columns 1 and 3", "\"a\"", "rename"],
        ),
        (",a,y\n1,2,3\n1,2,3\n", &["line 1", "column 1 has no name"]),
        ("a,y,\n1,2,3\n1,2,3\n", &["line 1", "column 3 has no name"]),
        ("y\n1\n2\n", &["line 1", "no feature"]),
        ("a;y\n1;2\n3;4\n", &["line 1", "';'", "','"]),
    ];
    for (content, parts) in cases {
        refused(
            table(&files.write("head.csv", content)),
            &[&["head.csv"], *parts].concat(),
        );
    }
}

#[test]
fn a_file_that_is_no_table_is_refused() {
    let files = Files::new();
    refused(
        table(&files.path("absent.csv")),
        &["absent.csv", "cannot be opened", "check"],
    );
    fs::create_dir(files.path("dir.csv")).unwrap();
    refused(table(&files.path("dir.csv")), &["dir.csv", "directory"]);
    refused(
        table(&files.write("t.xlsx", "a")),
        &["t.xlsx", ".csv", ".parquet"],
    );
    refused(table(&files.write("none", "a")), &["none", "unknown kind"]);
    refused(table(Path::new("")), &["unknown kind"]);
    refused(
        table(&files.write("l.csv", b"a,y\n1,2\n\xff,3\n")),
        &["l.csv", "line 3", "0xff", "position 1", "UTF-8"],
    );
    refused(
        table(&files.write("plain.csv.gz", SMALL)),
        &["plain.csv.gz", "gzip"],
    );
    let mut cut = gzip(&SMALL.repeat(1000));
    cut.truncate(cut.len() - 12);
    refused(
        table(&files.write("cut.csv.gz", &cut)),
        &["cut.csv.gz", "gzip"],
    );
    let mut damaged = gzip(SMALL);
    damaged[12] ^= 0xff;
    refused(
        table(&files.write("damaged.csv.gz", damaged)),
        &["damaged.csv.gz"],
    );
    refused(
        table(&files.write("null.csv", b"\0\0\0\0")),
        &["null.csv", "line 1"],
    );
    #[cfg(unix)]
    refused(table(Path::new("/dev/null")), &["/dev/null"]);
}

#[test]
fn one_bad_cell_at_the_end_of_a_large_file_is_found() {
    let files = Files::new();
    let mut content = String::from("a,b,c,d,y\n");
    content.push_str(&"0.123456789,-2.5e-3,17,1000000.25,3.5\n".repeat(200_000));
    let good = table(&files.write("large.csv", &content)).unwrap();
    assert_eq!(
        (good.x.nrows(), good.x.ncols(), good.y.len()),
        (200_000, 4, 200_000)
    );
    assert_eq!(columns(&good)[3], vec![1_000_000.25; 200_000]);
    content.push_str("0.1,0.2,0.3,0.4x,0.5\n");
    let path = files.write("large.csv", &content);
    refused(
        table(&path),
        &["large.csv", "line 200002", "column \"d\"", "value \"0.4x\""],
    );
}

#[test]
fn svmlight_is_read_plain_and_compressed() {
    let files = Files::new();
    let content = "# made by hand\n+1 qid:3 1:0.5 4:-2 # last\n\n-1 2:1e1 3:0\n0.5\n";
    for path in [
        files.write("t.svm", content),
        files.gzip("t.svm.gz", &content.replace('\n', "\r\n")),
    ] {
        let data = read::svmlight(&path).unwrap();
        assert!(matches!(data.x, Matrix::Sparse(_)));
        assert_eq!((data.x.nrows(), data.x.ncols(), data.x.nnz()), (3, 4, 3));
        assert_eq!(
            columns(&data),
            [
                [0.5, 0.0, 0.0],
                [0.0, 10.0, 0.0],
                [0.0; 3],
                [-2.0, 0.0, 0.0]
            ]
        );
        assert_eq!(data.y, [1.0, -1.0, 0.5]);
        assert_eq!(data.features, ["1", "2", "3", "4"]);
        assert!((data.x.density() - 0.25).abs() < 1e-15);
    }
}

#[test]
fn bad_svmlight_is_refused() {
    let files = Files::new();
    let cases: &[(&str, &[&str])] = &[
        ("", &["is empty"]),
        ("# nothing\n", &["is empty"]),
        ("1 1:2\n", &["1 data row;", "at least 2"]),
        ("1\n2\n", &["no feature"]),
        ("1 1:2\n2 0:3\n", &["line 2", "index \"0\"", "start at 1"]),
        (
            "1 1:2\n2 3:3 2:4\n",
            &["line 2", "index 2 after 3", "out of order"],
        ),
        ("1 1:2\n2 3:3 3:4\n", &["line 2", "index 3", "repeated"]),
        (
            "1 1:2\n2 5000000000:3\n",
            &["line 2", "index \"5000000000\"", "67108864"],
        ),
        (
            "1 1:2\n2 99999999999999999999999:3\n",
            &["line 2", "67108864"],
        ),
        ("1 1:2\n2 -1:3\n", &["line 2", "index \"-1\""]),
        ("1 1:2\n2 :3\n", &["line 2", "index \"\""]),
        ("1 1:2\n2 3\n", &["line 2", "\"3\" has no colon"]),
        ("1 1:2\n1:2 3:4\n", &["line 2", "label", "value \"1:2\""]),
        ("1 1:2\nspam 3:4\n", &["line 2", "label", "value \"spam\""]),
        ("1 1:2\nnan 3:4\n", &["line 2", "label", "missing"]),
        ("1 1:2\n2 3:x\n", &["line 2", "column \"3\"", "value \"x\""]),
        ("1 1:2\n2 3:\n", &["line 2", "column \"3\"", "missing"]),
        ("1 1:2\n2 3:inf\n", &["line 2", "column \"3\"", "infinite"]),
        ("1 1:2\n2 3:1e151\n", &["line 2", "column \"3\"", "1e150"]),
    ];
    for (content, parts) in cases {
        refused(
            read::svmlight(&files.write("bad.svm", content)),
            &[&["bad.svm"], *parts].concat(),
        );
    }
    refused(
        read::svmlight(&files.path("absent.svm")),
        &["absent.svm", "cannot be opened"],
    );
    let mut cut = gzip(&"1 1:2\n".repeat(1000));
    cut.truncate(30);
    refused(
        read::svmlight(&files.write("cut.svm.gz", cut)),
        &["cut.svm.gz", "gzip"],
    );
}

/// Order of the numbers in a file.
#[derive(Clone, Copy)]
enum Order {
    C,
    Fortran,
}

/// A number with NumPy's name of its type.
trait Stored: Copy {
    const TYPE: &'static str;
    fn bytes(self) -> Vec<u8>;
}

macro_rules! stored {
    ($($rust:ty => $name:literal),*) => {$(
        impl Stored for $rust {
            const TYPE: &'static str = $name;
            fn bytes(self) -> Vec<u8> {
                self.to_le_bytes().to_vec()
            }
        }
    )*};
}
stored!(f64 => "<f8", f32 => "<f4", i64 => "<i8", i32 => "<i4");

/// Writes an array as NEP 1 of NumPy describes version 1.0 of the format.
fn write_npy<T: Stored>(path: &Path, order: Order, shape: &[u64], data: &[T]) {
    let sizes: String = shape.iter().map(|size| format!("{size}, ")).collect();
    let fortran = if matches!(order, Order::Fortran) {
        "True"
    } else {
        "False"
    };
    let kind = T::TYPE;
    let dictionary =
        format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': ({sizes})}}");
    // Magic, version and length take 10 bytes; with the header they fill a multiple of 64.
    let length = (10 + dictionary.len() + 1).next_multiple_of(64) - 10;
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((length as u16).to_le_bytes());
    file.extend(format!("{dictionary:<width$}\n", width = length - 1).into_bytes());
    file.extend(data.iter().flat_map(|v| v.bytes()));
    fs::write(path, file).unwrap();
}

#[test]
fn npy_pairs_are_read_in_both_orders_and_precisions() {
    use Order::{C, Fortran};
    let files = Files::new();
    let (x, y) = (files.path("X.npy"), files.path("y.npy"));
    let expected = [[1.0, 4.0, 7.0], [2.5, 5.0, -8.0]];
    let by_rows = [1.0, 2.5, 4.0, 5.0, 7.0, -8.0];
    let by_columns = [1.0, 4.0, 7.0, 2.5, 5.0, -8.0];
    let single = |data: &[f64]| data.iter().map(|&v| v as f32).collect::<Vec<f32>>();
    let whole = |data: &[f64]| data.iter().map(|&v| v as i64).collect::<Vec<i64>>();

    write_npy(&y, C, &[3], &[1.0, 2.0, 3.0]);
    for (order, data) in [(C, by_rows), (Fortran, by_columns)] {
        write_npy(&x, order, &[3, 2], &data);
        let read = read::npy(&x, &y).unwrap();
        assert_eq!(columns(&read), expected);
        assert_eq!(
            (read.y, read.features),
            (vec![1.0, 2.0, 3.0], vec!["x0".to_owned(), "x1".to_owned()])
        );
        assert_eq!((read.name.as_str(), read.response.as_str()), ("X.npy", "y"));
        write_npy(&x, order, &[3, 2], &single(&data));
        assert_eq!(columns(&read::npy(&x, &y).unwrap()), expected);
        write_npy(&x, order, &[3, 2], &whole(&data));
        assert_eq!(
            columns(&read::npy(&x, &y).unwrap()),
            [[1.0, 4.0, 7.0], [2.0, 5.0, -8.0]]
        );
    }
    write_npy(&y, C, &[3, 1], &[4_i32, 5, -6]);
    assert_eq!(read::npy(&x, &y).unwrap().y, [4.0, 5.0, -6.0]);

    let mut swapped = fs::read(&y).unwrap();
    let header = swapped.windows(3).position(|w| w == b"<i4").unwrap();
    swapped[header] = b'>';
    let data = swapped.len() - 12;
    swapped[data..].chunks_mut(4).for_each(<[u8]>::reverse);
    files.write("y.npy", swapped);
    assert_eq!(read::npy(&x, &y).unwrap().y, [4.0, 5.0, -6.0]);
}

#[test]
fn a_tall_npy_is_read_whole() {
    let files = Files::new();
    let (x, y) = (files.path("X.npy"), files.path("y.npy"));
    let (n, p) = (1001, 37);
    let data: Vec<f64> = (0..n * p).map(|k| k as f64).collect();
    write_npy(&x, Order::C, &[n as u64, p as u64], &data);
    write_npy(&y, Order::C, &[n as u64], &data[..n]);
    let read = read::npy(&x, &y).unwrap();
    for (j, column) in columns(&read).iter().enumerate() {
        assert!(
            column
                .iter()
                .enumerate()
                .all(|(i, &v)| v == (i * p + j) as f64)
        );
    }
}

#[test]
fn bad_npy_is_refused() {
    use Order::{C, Fortran};
    let files = Files::new();
    let (x, y) = (files.path("X.npy"), files.path("y.npy"));
    let good = || {
        write_npy(&x, C, &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        write_npy(&y, C, &[3], &[1.0, 2.0, 3.0]);
    };
    good();
    assert!(read::npy(&x, &y).is_ok());

    write_npy(&x, C, &[6], &[1.0; 6]);
    refused(
        read::npy(&x, &y),
        &["X.npy", "shape (6,)", "(n, p)", "reshape"],
    );
    write_npy(&x, C, &[1, 3, 2], &[1.0; 6]);
    refused(read::npy(&x, &y), &["X.npy", "shape (1, 3, 2)"]);
    write_npy(&x, C, &[2, 3], &[1.0; 6]);
    refused(read::npy(&x, &y), &["y.npy", "3 rows", "X.npy", "has 2"]);
    write_npy(&x, C, &[3, 0], &[0.0; 0]);
    refused(read::npy(&x, &y), &["X.npy", "no feature"]);
    good();
    write_npy(&y, C, &[3, 2], &[1.0; 6]);
    refused(read::npy(&x, &y), &["y.npy", "shape (3, 2)", "(n,)"]);
    write_npy(&x, C, &[1, 2], &[1.0; 2]);
    write_npy(&y, C, &[1], &[1.0]);
    refused(read::npy(&x, &y), &["X.npy", "1 data row;"]);
    good();
    for (order, cell) in [(C, 3), (Fortran, 4)] {
        for (value, word) in [
            (f64::NAN, "missing"),
            (f64::INFINITY, "infinite"),
            (-1e200, "1e150"),
        ] {
            let mut data = [1.0; 6];
            data[cell] = value;
            write_npy(&x, order, &[3, 2], &data);
            refused(
                read::npy(&x, &y),
                &[
                    "X.npy",
                    "row 2",
                    "column \"x1\"",
                    &format!("\"{value:?}\""),
                    word,
                ],
            );
        }
    }
    good();
    write_npy(&y, C, &[3], &[1.0, 2.0, f64::NAN]);
    refused(
        read::npy(&x, &y),
        &["y.npy", "row 3", "column \"y\"", "NaN"],
    );
    good();

    let bytes = fs::read(&x).unwrap();
    for length in [0, 3, 7, 8, 9, 20, bytes.len() - 1] {
        refused(
            read::npy(&files.write("X.npy", &bytes[..length]), &y),
            &["X.npy", "save it"],
        );
    }
    refused(
        read::npy(&files.write("X.npy", [&bytes[..], b"x"].concat()), &y),
        &["X.npy", "too long", "49 bytes"],
    );
    refused(
        read::npy(&files.write("X.npy", "a,b\n1,2\n"), &y),
        &["X.npy", "not a .npy"],
    );
    refused(
        read::npy(&files.write("X.npy", b"PK\x03\x04aaaa"), &y),
        &["X.npy", ".npz"],
    );
    refused(
        read::npy(&files.path("absent.npy"), &y),
        &["absent.npy", "cannot be opened"],
    );

    let with = |from: &str, to: &str| {
        let at = bytes
            .windows(from.len())
            .position(|w| w == from.as_bytes())
            .unwrap();
        let mut changed = bytes.clone();
        changed.splice(at..at + from.len(), to.bytes());
        changed
    };
    for (from, to, word) in [
        ("<f8", "|O8", "|O8"),
        ("<f8", "<c8", "<c8"),
        ("<f8", "<U8", "<U8"),
        ("False", "Maybe", "header"),
        ("'shape': (", "'shape': [", "header"),
        ("descr", "DESCR", "header"),
        ("\u{1}", "\u{9}", "version 9"),
    ] {
        refused(
            read::npy(&files.write("X.npy", with(from, to)), &y),
            &["X.npy", word],
        );
    }
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    let text =
        b"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999999999, 99999999999999), }";
    header.extend((text.len() as u16).to_le_bytes());
    header.extend(text);
    refused(
        read::npy(&files.write("X.npy", header), &y),
        &["X.npy", "impossible shape"],
    );
    refused(
        read::npy(
            &files.write("X.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff"),
            &y,
        ),
        &["X.npy", "header"],
    );
}

#[test]
fn npy_files_go_with_the_rows() {
    use Order::C;
    let files = Files::new();
    let svm = files.write("t.svm", "1 1:2\n2 1:3\n4 2:1\n");
    let file = |name: &str| Some(files.path(name));
    write_npy(&files.path("w.npy"), C, &[3], &[0.5_f32, 0.0, 2.0]);
    write_npy(&files.path("o.npy"), C, &[3, 1], &[-1_i32, 0, 1]);
    write_npy(&files.path("f.npy"), C, &[3], &[8_i64, -3, 8]);
    write_npy(&files.path("g.npy"), C, &[3], &[2.0, 1.0, 0.0]);
    let all = RowFiles {
        weights: file("w.npy"),
        offset: file("o.npy"),
        folds: file("f.npy"),
    };
    let with = |files: &RowFiles| {
        let mut data = read::svmlight(&svm)?;
        read::row_files(&mut data, files).map(|()| data)
    };
    let data = with(&all).unwrap();
    assert_eq!(data.weights, Some(vec![0.5, 0.0, 2.0]));
    assert_eq!(data.offset, Some(vec![-1.0, 0.0, 1.0]));
    assert_eq!(data.folds, Some(vec![1, 0, 1]));
    let floats = RowFiles {
        folds: file("g.npy"),
        ..RowFiles::default()
    };
    let data = with(&floats).unwrap();
    assert_eq!((data.weights, data.folds), (None, Some(vec![2, 1, 0])));

    let path = files.path("bad.npy");
    let write = |values: &[f64]| write_npy(&path, C, &[values.len() as u64], values);
    let weights = |values: &[f64], parts: &[&str]| {
        write(values);
        let weights = Some(path.clone());
        let some = RowFiles {
            weights,
            ..RowFiles::default()
        };
        refused(with(&some), &[&["bad.npy"], parts].concat());
    };
    let folds = |values: &[f64], parts: &[&str]| {
        write(values);
        let folds = Some(path.clone());
        let some = RowFiles {
            folds,
            ..RowFiles::default()
        };
        refused(with(&some), &[&["bad.npy"], parts].concat());
    };
    weights(&[1.0, -1.0, 1.0], &["row 2", "-1", "negative"]);
    weights(&[1.0, f64::NAN, 1.0], &["row 2", "missing"]);
    weights(&[0.0; 3], &["every weight is 0"]);
    weights(&[1.0; 4], &["4 rows", "t.svm has 3"]);
    folds(&[1.0, 2.5, 1.0], &["row 2", "2.5", "not whole"]);
    folds(&[1.0; 3], &["fold \"1\"", "at least 2"]);
    folds(&[1.0, 2.0, f64::INFINITY], &["row 3", "infinite"]);
}

fn write_parquet(path: &Path, columns: Vec<Column>) {
    let mut frame = DataFrame::new(columns[0].len(), columns).unwrap();
    ParquetWriter::new(fs::File::create(path).unwrap())
        .finish(&mut frame)
        .unwrap();
}

#[test]
fn parquet_is_read() {
    let files = Files::new();
    let path = files.path("t.parquet");
    let text = Column::new("text".into(), ["u", "v", "w"]);
    let train = Column::new("train".into(), [true, false, true]);
    let small = vec![
        Column::new("a".into(), [1.0, 4.0, -7.5]),
        Column::new("y".into(), [2_i64, 5, 8]),
        Column::new("b".into(), [3.0, 6.0, 0.9]),
    ];
    write_parquet(&path, small.clone());
    is_small(&table(&path).unwrap());

    write_parquet(&path, [small, vec![text, train]].concat());
    let options = TableOptions {
        rows: Some(("train".into(), 1.0)),
        drop: vec!["text".into()],
        reference_all: true,
        ..TableOptions::default()
    };
    let data = read::table(&path, "y", &options).unwrap();
    assert_eq!(columns(&data), [[1.0, -7.5], [3.0, 0.9]]);
    assert_eq!(
        (data.y, data.features),
        (vec![2.0, 8.0], vec!["a".to_owned(), "b".to_owned()])
    );
    let reference = data.reference.unwrap();
    assert!(
        (reference.mean[1] - 3.3).abs() < 1e-15,
        "{}",
        reference.mean[1]
    );

    let narrow = vec![
        Column::new("y".into(), [1_u32, 2]),
        Column::new("i".into(), [-1_i32, 1]),
        Column::new("f".into(), [0.5_f32, 1.5]),
        Column::new("b".into(), [true, false]),
    ];
    write_parquet(&path, narrow);
    assert_eq!(
        columns(&table(&path).unwrap()),
        [[-1.0, 1.0], [0.5, 1.5], [1.0, 0.0]]
    );
}

#[test]
fn many_parquet_columns_keep_their_order() {
    let files = Files::new();
    let path = files.path("wide.parquet");
    let p = 300;
    let mut wide: Vec<Column> = (0..p)
        .map(|j| Column::new(format!("c{j}").into(), [f64::from(j), 0.5]))
        .collect();
    wide.push(Column::new("y".into(), [1.0, 2.0]));
    write_parquet(&path, wide);
    let data = table(&path).unwrap();
    assert_eq!(data.features[299], "c299");
    assert!(
        columns(&data)
            .iter()
            .zip(0..p)
            .all(|(column, j)| column[0] == f64::from(j))
    );
}

#[test]
fn bad_parquet_is_refused() {
    let files = Files::new();
    let path = files.path("bad.parquet");
    let y = || Column::new("y".into(), [1.0, 2.0]);
    write_parquet(&path, vec![y(), Column::new("a".into(), [Some(1.0), None])]);
    refused(
        table(&path),
        &["bad.parquet", "row 2", "column \"a\"", "null"],
    );
    write_parquet(&path, vec![y(), Column::new("a".into(), ["u", "v"])]);
    refused(
        table(&path),
        &["bad.parquet", "column \"a\"", "type", "numbers"],
    );
    for (value, word) in [
        (f64::NAN, "missing"),
        (f64::NEG_INFINITY, "infinite"),
        (1e151, "1e150"),
    ] {
        write_parquet(&path, vec![y(), Column::new("a".into(), [1.0, value])]);
        refused(
            table(&path),
            &[
                "bad.parquet",
                "row 2",
                "column \"a\"",
                &format!("\"{value:?}\""),
                word,
            ],
        );
    }
    write_parquet(&path, vec![y()]);
    refused(table(&path), &["bad.parquet", "no feature"]);
    write_parquet(
        &path,
        vec![
            Column::new("Y".into(), [1.0, 2.0]),
            Column::new("a".into(), [1.0, 2.0]),
        ],
    );
    refused(table(&path), &["bad.parquet", "no column \"y\"", "\"Y\""]);
    write_parquet(
        &path,
        vec![
            Column::new("y".into(), [1.0]),
            Column::new("a".into(), [1.0]),
        ],
    );
    refused(table(&path), &["bad.parquet", "1 data row;"]);

    refused(
        table(&files.write("bad.parquet", "")),
        &["bad.parquet", "is empty"],
    );
    refused(
        table(&files.write("bad.parquet", SMALL)),
        &["bad.parquet", "not a readable Parquet file"],
    );
    refused(
        table(&files.path("absent.parquet")),
        &["absent.parquet", "cannot be opened"],
    );
    write_parquet(&path, vec![y(), Column::new("a".into(), [1.0, 2.0])]);
    let whole = fs::read(&path).unwrap();
    for length in [4, whole.len() / 2, whole.len() - 1] {
        refused(
            table(&files.write("bad.parquet", &whole[..length])),
            &["bad.parquet", "Parquet"],
        );
    }
}
