//! Where units are, and when their space is given back.

use super::{BLOCK, Log, SPARE};

/// The capacities of all blocks.
fn blocks(log: &Log) -> Vec<usize> {
    log.blocks.iter().map(|(block, _)| block.capacity()).collect()
}

/// V7: each unit is read where it was put, while others come and go.
#[test]
fn v7_units_are_read_where_they_were_put() {
    let mut log = Log::default();
    let units: Vec<Vec<u8>> = (1..=200).map(|length| vec![length; usize::from(length) * 5]).collect();
    let places: Vec<_> = units.iter().map(|unit| log.push(unit).expect("room")).collect();
    assert!(log.blocks.len() > 1);
    for (unit, place) in units.iter().zip(&places).step_by(2) {
        assert_eq!(log.read(*place), unit);
        log.forget(*place);
    }
    let again = log.push(&[255; 1000]).expect("room");
    assert_eq!(log.read(again), [255; 1000]);
    for (unit, place) in units.iter().zip(&places).skip(1).step_by(2) {
        assert_eq!(log.read(*place), unit);
    }
}

/// L1: a block is filled to its last octet, and used again when all that was in it has gone.
#[test]
fn l1_blocks_are_filled_and_used_again() {
    let mut log = Log::default();
    let half = vec![1; BLOCK / 2];
    let [a, b] = [0, 1].map(|_| log.push(&half).expect("room"));
    assert_eq!(blocks(&log), [BLOCK]);
    let c = log.push(&[1]).expect("room");
    assert_eq!(blocks(&log), [BLOCK; 2]);
    log.forget(a);
    let d = log.push(&half).expect("room");
    assert_eq!(blocks(&log), [BLOCK; 2], "half a block is not used again, and the second has room");
    log.forget(b);
    log.forget(d);
    log.forget(c);
    for _ in 0..4 {
        log.push(&half).expect("room");
    }
    assert_eq!(blocks(&log), [BLOCK; 2], "both were free");
}

/// L1: a few empty blocks are kept, and none that a long unit had to have.
#[test]
fn l1_few_empty_blocks_are_kept() {
    let mut log = Log::default();
    let places: Vec<_> = (0..SPARE + 4).map(|_| log.push(&vec![1; BLOCK]).expect("room")).collect();
    for place in places {
        log.forget(place);
    }
    let kept = blocks(&log).into_iter().filter(|capacity| *capacity > 0).count();
    // The one that is being filled stays as well.
    assert_eq!((kept, log.empty.len()), (SPARE + 1, SPARE + 3));
    let mut log = Log::default();
    let place = log.push(&vec![1; BLOCK + 1]).expect("room");
    assert_eq!(blocks(&log), [BLOCK + 1]);
    log.forget(place);
    assert_eq!(blocks(&log), [0]);
    assert_eq!((log.current, log.empty.len()), (None, 1));
    let place = log.push(&[1]).expect("room");
    log.forget(place);
    assert_eq!((blocks(&log), log.current, log.empty.len()), (vec![BLOCK], Some(0), 0), "it is being filled");
}

/// L1: all that is allocated is counted.
#[test]
fn l1_all_parts_are_counted() {
    let mut log = Log::default();
    let places: Vec<_> = (0..3).map(|_| log.push(&vec![1; BLOCK]).expect("room")).collect();
    log.forget(places[0]);
    let lists = log.blocks.capacity() * size_of::<(Vec<u8>, u32)>() + log.empty.capacity() * size_of::<u32>();
    assert!(log.empty.capacity() > 1 && log.blocks.capacity() > 1);
    assert_eq!(log.memory(), 3 * BLOCK + lists);
}
