//! Feeds that are not read for a while.

use std::io::Read;
use std::process::Stdio;

use feed::{ComponentRole, Decoder, Event, Protocol, Timestamp};
use laboratory::Lab;
use model::{Change, ComponentId, Model, Update};
use scenario::ComponentSpec;

crate::tests![a_pool_user_goes_on_while_nobody_reads_its_feed];

const PU: ComponentId = ComponentId(1);

fn a_pool_user_goes_on_while_nobody_reads_its_feed(lab: &Lab) {
    let _registrar = lab.registrar();
    let mut element = lab.pool_element(1, &["--test-mode"]);
    let options = ["--images=20", "--size=256x256", "--pause=0"];
    let mut user = lab.command("pool-user", &options);
    let user = user
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut user = user.spawn().expect("the program can be started");
    let mut sessions = 0;
    element.wait_for("the session of the last picture", |event| match event {
        Event::AssociationUp {
            protocol: Protocol::Application,
            ..
        } => {
            sessions += 1;
            (sessions == 20).then_some(())
        }
        _ => None,
    });

    let mut model = Model::default();
    let mut apply = |at, change| {
        model.apply(Update::Component {
            component: PU,
            at,
            change,
        });
    };
    let spec = Box::new(ComponentSpec::new(ComponentRole::PoolUser));
    let name = "PU 1".to_owned();
    apply(Timestamp::default(), Change::Added { name, spec });
    apply(Timestamp::default(), Change::Spawned { pid: user.id() });
    let mut stdout = user.stdout.take().expect("it was asked for");
    let mut bytes = Vec::new();
    stdout.read_to_end(&mut bytes).expect("a feed can be read");
    assert!(user.wait().expect("it has been started").success());
    let mut decoder = Decoder::default();
    decoder.extend(&bytes);
    while let Some(frame) = decoder.next_frame().expect("it is a feed") {
        apply(frame.stamped.at, Change::Feed(Box::new(frame)));
    }

    let user = &model.components[&PU];
    assert_eq!(user.ignored_events, 0);
    assert_eq!((user.pictures.complete, user.pictures.incomplete), (20, 0));
    assert!(user.pictures.left_out > 0, "the feed never was full");
    let canvas = user.canvas.as_ref().expect("there are pictures");
    assert_eq!((canvas.image, canvas.done), (20, 256 * 256));
    let product = |(pixel, value): (u32, &u32)| *value == (pixel % 256) * (pixel / 256) % 256;
    assert!((0..).zip(&canvas.iterations).all(product));
}
