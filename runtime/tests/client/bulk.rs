//! Many calls in one job. Each has its own outcome.

use proptest::prelude::*;
use serde_json::{Value, json};
use truenas_runtime::client::{BulkError, BulkItem};
use truenas_runtime::from_value;

use crate::api::Create;
use crate::peer;

#[tokio::test(start_paused = true)]
async fn an_item_that_cannot_be_read_does_not_affect_others() {
    let (builder, mut peer) = peer::start();
    let (nas, mut line) = peer::connected(builder, &mut peer).await;
    let server = async {
        line.subscribed("core.get_jobs").await;
        let call = line.expect("core.bulk").await;
        assert_eq!(
            call.params,
            json!(["disk.create", [[1], [2], [3], [4], [5]]])
        );
        line.answer(call.id, json!(7)).await;
        // A result of the server's own version, a redacted one, and none.
        let result = json!([
            {"job_id": null, "error": null, "result": 1},
            {"job_id": 8, "error": null, "result": {"id": 2}},
            {"job_id": null, "error": null, "result": "********"},
            {"job_id": 9, "error": null},
            {"job_id": null, "error": "[EEXIST] it is there\n", "result": null},
        ]);
        let rest = json!({"method": "core.bulk", "result": result});
        line.job("changed", 7, "SUCCESS", rest).await;
    };
    let client = async {
        let calls = (1..=5).map(|id| (id,));
        let job = nas.session().bulk::<Create>(calls).await.unwrap();
        job.wait().await.unwrap()
    };
    let (items, ()) = tokio::join!(client, server);
    assert_eq!(items[0].outcome, Ok(1));
    assert_eq!(items[1].job_id, Some(8));
    for (item, text) in [(1, r#"{"id":2}"#), (2, r#""********""#), (3, "null")] {
        let Err(BulkError::Decode(error)) = &items[item].outcome else {
            panic!("{:?}", items[item]);
        };
        assert_eq!(error.answer().unwrap().text(), text);
    }
    assert_eq!(items[3].job_id, Some(9));
    let failed = BulkError::Failed("[EEXIST] it is there\n".to_owned());
    assert_eq!(items[4].outcome, Err(failed));
}

proptest! {
    /// Readable items are read, regardless of the other items.
    #[test]
    fn each_item_is_read_alone(
        results in prop::collection::vec(
            prop_oneof![
                any::<i64>().prop_map(Value::from),
                Just(json!("********")),
                Just(json!({"a": [1, null]})),
                Just(Value::Null),
            ],
            0..8,
        )
    ) {
        let list: Vec<Value> = results
            .iter()
            .map(|result| json!({"job_id": 1, "error": null, "result": result}))
            .collect();
        let items: Vec<BulkItem<i64>> = from_value(&Value::from(list)).unwrap();
        for (item, result) in items.iter().zip(&results) {
            prop_assert_eq!(item.outcome.as_ref().ok().copied(), result.as_i64());
        }
    }
}
